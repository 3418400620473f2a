"""Times the import of images against Pillow, on all cores, in one run.

usage: compare.py --engine build/release/bin/image_import_engine [--images N] [--large N]
                  [--omniglot FOLDER] [--rounds N] [--json FILE]

Makes JPEG images itself, in colour, of 84 x 84 pixels and of 500 x 375, in 100 classes. Both sides
read every file, decode it, and resize it to 84 x 84 by the same filter into one array on disk. Pillow
may reduce large images while it decodes (`draft`), as the engine does. Omniglot's archives, where
FOLDER has them, are read, and their drawings inverted and shrunk from 105 x 105 to 28 x 28 by averaging
areas; Pillow's BOX counts a pixel on a border wholly, so those pixels differ. Pillow runs in a process
for each core. Rounds of the two alternate; the medians count. The engine's peak memory is its own
process's.
"""

import argparse
import io
import json
import multiprocessing
import os
import pathlib
import random
import statistics
import subprocess
import tempfile
import time
import zipfile

import numpy
from PIL import Image, ImageOps

SIDE = 84
CLASSES = 100
DRAWING_SIDE = 28
ARCHIVES = ("images_background.zip", "images_evaluation.zip")


def _draw(number, width, height):
    """A JPEG file: coarse colours with some fine grain, as photographs have."""
    generator = numpy.random.default_rng(number)
    coarse = Image.fromarray(generator.integers(0, 256, (6, 8, 3), dtype=numpy.uint8))
    pixels = numpy.asarray(coarse.resize((width, height), Image.BICUBIC), dtype=numpy.int16)
    grain = generator.integers(-12, 13, (height, width, 1), dtype=numpy.int16)
    file = io.BytesIO()
    Image.fromarray(numpy.clip(pixels + grain, 0, 255).astype(numpy.uint8)).save(
        file, "JPEG", quality=90)
    return file.getvalue()


def _write(job):
    path, number, width, height = job
    pathlib.Path(path).write_bytes(_draw(number, width, height))


def make_images(folder, count, width, height, pool):
    for number in range(CLASSES):
        (folder / f"class{number:03}").mkdir(parents=True)
    jobs = [(str(folder / f"class{n % CLASSES:03}" / f"{n:06}.jpg"), n, width, height)
            for n in range(count)]
    pool.map(_write, jobs, chunksize=256)


class Photographs:
    """JPEG files in folders, one a class."""

    shape = (3, SIDE, SIDE)
    engine_options = ["--size", str(SIDE)]

    @staticmethod
    def list(folder):
        return sorted(str(path) for path in folder.glob("*/*.jpg"))

    @staticmethod
    def read(paths):
        for path in paths:
            with Image.open(path) as image:
                image.draft("RGB", (2 * SIDE, 2 * SIDE))
                small = image.convert("RGB").resize((SIDE, SIDE), Image.BILINEAR)
            yield numpy.asarray(small).transpose(2, 0, 1)


class Drawings:
    """Omniglot's official archives."""

    shape = (1, DRAWING_SIDE, DRAWING_SIDE)
    engine_options = ["--omniglot", "--size", str(DRAWING_SIDE)]

    @staticmethod
    def list(folder):
        entries = [(name, archive) for archive in ARCHIVES if (folder / archive).exists()
                   for name in zipfile.ZipFile(folder / archive).namelist()
                   if name.endswith(".png") and not name.startswith("__MACOSX")]
        # As the engine has them: by character, then by drawing, which files are named after.
        return [(str(folder / archive), name)
                for name, archive in sorted(entries, key=lambda entry: entry[0].rsplit("/")[-1])]

    @staticmethod
    def read(entries):
        archives = {path: zipfile.ZipFile(path) for path in {path for path, _ in entries}}
        for path, name in entries:
            with archives[path].open(name) as file, Image.open(file) as image:
                ink = ImageOps.invert(image.convert("L"))
            yield numpy.asarray(ink.resize((DRAWING_SIDE, DRAWING_SIDE), Image.BOX))[None]


def _convert(job):
    """What Pillow makes of some files, written to their rows of the output."""
    kind, files, first_row, output = job
    images = numpy.memmap(output, dtype=numpy.uint8, mode="r+",
                          offset=first_row * int(numpy.prod(kind.shape)),
                          shape=(len(files), *kind.shape))
    for row, pixels in enumerate(kind.read(files)):
        images[row] = pixels
    images.flush()


def pillow_seconds(kind, folder, output, pool):
    start = time.monotonic()
    files = kind.list(folder)
    with open(output, "wb") as file:
        file.truncate(len(files) * int(numpy.prod(kind.shape)))
    chunk = 256
    jobs = [(kind, files[i:i + chunk], i, output) for i in range(0, len(files), chunk)]
    for _ in pool.imap_unordered(_convert, jobs):
        pass
    return time.monotonic() - start


def engine_run(kind, engine, folder, output):
    text = subprocess.run([engine, str(folder), output, *kind.engine_options], check=True,
                          stdout=subprocess.PIPE).stdout
    return json.loads(text)


def largest_difference(kind, engine_output, pillow_output, count):
    """Between the two results' pixels: they are to do the same work."""
    ours = numpy.memmap(engine_output, dtype=numpy.uint8, mode="r")
    bytes_of_images = count * int(numpy.prod(kind.shape))
    ours = ours[len(ours) - bytes_of_images:]
    theirs = numpy.memmap(pillow_output, dtype=numpy.uint8, mode="r")
    worst = 0
    for begin in range(0, bytes_of_images, 1 << 24):
        a = ours[begin:begin + (1 << 24)].astype(numpy.int16)
        b = theirs[begin:begin + (1 << 24)].astype(numpy.int16)
        worst = max(worst, int(numpy.abs(a - b).max()))
    return worst


def race(name, kind, engine, folder, count, rounds, pool, place):
    ours, theirs, peaks = [], [], []
    engine_output, pillow_output = str(place / "engine"), str(place / "pillow")
    for number in range(rounds):
        sides = [0, 1]
        random.Random(number).shuffle(sides)
        for side in sides:
            if side == 0:
                run = engine_run(kind, engine, folder, engine_output)
                assert run["images"] == count, run
                ours.append(run["seconds"])
                peaks.append(run["peak_bytes"])
            else:
                theirs.append(pillow_seconds(kind, folder, pillow_output, pool))
    result = {
        "images": count,
        "engine_images_per_second": count / statistics.median(ours),
        "pillow_images_per_second": count / statistics.median(theirs),
        "engine_seconds": ours,
        "pillow_seconds": theirs,
        "engine_peak_bytes": max(peaks),
        "largest_difference": largest_difference(kind, engine_output, pillow_output, count),
    }
    ratio = result["engine_images_per_second"] / result["pillow_images_per_second"]
    print(f"{name}: engine {result['engine_images_per_second']:.0f} images/s, Pillow "
          f"{result['pillow_images_per_second']:.0f}, {ratio:.2f} times; peak memory "
          f"{result['engine_peak_bytes'] / 1e6:.0f} MB; pixels differ by at most "
          f"{result['largest_difference']}", flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", required=True)
    parser.add_argument("--images", type=int, default=60000, help="of 84 x 84 pixels")
    parser.add_argument("--large", type=int, default=6000, help="of 500 x 375 pixels")
    parser.add_argument("--omniglot", type=pathlib.Path, help="folder of the official archives")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    results = {"cores": cores, "load_before": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as place, multiprocessing.Pool(cores) as pool:
        place = pathlib.Path(place)
        if options.omniglot:
            results["Omniglot"] = race("Omniglot", Drawings, options.engine, options.omniglot,
                                       len(Drawings.list(options.omniglot)), options.rounds, pool,
                                       place)
        for name, count, width, height in (("84x84", options.images, 84, 84),
                                           ("500x375", options.large, 500, 375)):
            make_images(place / name, count, width, height, pool)
            results[name] = race(name, Photographs, options.engine, place / name, count,
                                 options.rounds, pool, place)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
