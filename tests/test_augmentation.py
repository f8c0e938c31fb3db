"""Images shifted, mirrored, made noisy: beside plain loops over pixels, and scipy."""

import re

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given
from hypothesis import strategies as st

from bookutils.augmentation import add_noise, random_flip, random_shift, shift


def generator(seed=0):
    return np.random.default_rng(seed)


def shifted_by_hand(image, dx, dy):
    out = np.zeros_like(image)
    height, width = image.shape
    for row in range(height):
        for column in range(width):
            if 0 <= row + dy < height and 0 <= column + dx < width:
                out[row + dy, column + dx] = image[row, column]
    return out


def test_one_lit_pixel_goes_right_and_down():
    image = np.zeros((1, 4, 5))
    image[0, 1, 2] = 7.0
    moved = shift(image, 2, 1)
    assert moved[0, 2, 4] == 7.0 and np.count_nonzero(moved) == 1
    assert np.count_nonzero(shift(image, 3, 0)) == 0  # out of the picture, and not in again


@given(
    dx=st.lists(st.integers(-6, 6), min_size=3, max_size=3),
    dy=st.lists(st.integers(-6, 6), min_size=3, max_size=3),
    seed=st.integers(0, 1000),
)
def test_every_image_moves_by_its_own(dx, dy, seed):
    images = generator(seed).normal(size=(3, 4, 5))
    before = images.copy()
    by_hand = [shifted_by_hand(*case) for case in zip(images, dx, dy, strict=True)]
    assert np.array_equal(shift(images, np.array(dx), np.array(dy)), by_hand)
    assert np.array_equal(shift(images, dx[0], dy[0])[0], by_hand[0])
    assert np.array_equal(images, before)
    # scipy's first axis moves the images themselves: by 0
    theirs = scipy.ndimage.shift(images, (0, dy[0], dx[0]), order=0)
    assert np.array_equal(shift(images, dx[0], dy[0]), theirs)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int64", "bool"])
def test_dtypes_stay_and_arrays_are_new(dtype):
    images = (generator().random((3, 4, 5)) * 9).astype(dtype)
    for out in (
        shift(images, 0, 0),
        random_shift(images, generator()),
        random_flip(images, generator()),
    ):
        assert out.dtype == images.dtype and not np.shares_memory(out, images)
    assert np.array_equal(shift(images, 0, 0), images)
    if dtype.startswith("float"):
        assert add_noise(images, generator()).dtype == images.dtype


def test_random_shifts_reach_all_places_equally():
    images = np.zeros((9_000, 3, 3))
    images[:, 1, 1] = 1.0
    out = random_shift(images, generator())
    assert (out.sum(axis=(1, 2)) == 1).all()  # a pixel in the middle stays in sight
    share = out.mean(axis=0)
    assert abs(share - 1 / 9).max() < 5 * np.sqrt(1 / 9 * 8 / 9 / 9_000)  # five deviations
    assert np.array_equal(random_shift(images, generator(), most=0), images)


def test_flips():
    images = generator().normal(size=(4_000, 2, 3))
    out = random_flip(images, generator(1), p=0.3)
    mirrored = (out == images[:, :, ::-1]).all(axis=(1, 2))
    same = (out == images).all(axis=(1, 2))
    assert (mirrored ^ same).all() and abs(mirrored.mean() - 0.3) < 5 * np.sqrt(0.21 / 4_000)
    assert np.array_equal(random_flip(images, generator(), p=1), images[:, :, ::-1])
    assert np.array_equal(random_flip(images, generator(), p=0), images)


def test_noise():
    images = generator().normal(size=(400, 10, 10))
    added = add_noise(images, generator(1), std=0.25) - images
    assert added.std() == pytest.approx(0.25, rel=0.02)  # 40,000 draws: 0.4 % is one deviation
    assert abs(added.mean()) < 5 * 0.25 / 200
    assert np.array_equal(add_noise(images, generator(), std=0), images)


@pytest.mark.parametrize("change", [random_shift, random_flip, add_noise])
def test_the_rng_decides_alone(change):
    images = generator().normal(size=(20, 5, 5))
    first, again, other = (change(images, generator(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert change(images[:0], generator()).shape == (0, 5, 5)


IMAGES = np.zeros((2, 4, 5))


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (
            lambda: shift(np.zeros((2, 64)), 1, 0),
            ValueError,
            "shift takes images (n, height, width), not (2, 64): write X.reshape(-1, height, wid",
        ),
        (lambda: shift(np.zeros((2, 1, 8, 8)), 1, 0), ValueError, "not (2, 1, 8, 8)"),
        (
            lambda: shift(IMAGES, 0.5, 0),
            TypeError,
            "dx is a whole number of pixels, not array(0.5)",
        ),
        (lambda: shift(IMAGES, 0, [1, 2, 3]), ValueError, "dy is one number or one for each image"),
        (lambda: random_shift(IMAGES, 0), TypeError, "rng must be a generator"),
        (lambda: random_shift(IMAGES, generator(), most=1.5), ValueError, "a number of pixels, 0"),
        (lambda: random_flip(IMAGES, generator(), p=2), ValueError, "p is a probability, 0 to 1"),
        (lambda: add_noise(IMAGES, generator(), std=-1), ValueError, "std is a finite number, 0"),
        (lambda: add_noise(IMAGES.astype(int), generator()), TypeError, "images.astype(float)"),
        (lambda: random_flip(np.zeros(3), generator()), ValueError, "random_flip takes images"),
    ],
)
def test_what_is_refused(call, error, sentence):
    with pytest.raises(error, match=re.escape(sentence)):
        call()
