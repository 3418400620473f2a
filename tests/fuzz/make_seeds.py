"""Writes what the fuzz targets begin with: small valid files.

usage: make_seeds.py FOLDER PRESETS

FOLDER gets a folder for each target; PRESETS is the folder of the job files that come with the
command line.
"""

import base64
import io
import json
import pathlib
import shutil
import struct
import sys
import tarfile
import zipfile
import zlib

# 8 x 8 grey pixels.
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI////////////////////"
    "////////////////////////////////wAALCAAIAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcI"
    "CQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcY"
    "GRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKj"
    "pKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AAWv"
    "tX//2Q==")


def png():
    """A PNG file of 2 x 2 pixels with alpha."""
    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content +
                struct.pack(">I", zlib.crc32(kind + content)))
    rows = b"".join(b"\0" + bytes(range(8 * y, 8 * y + 8)) for y in range(2))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 6, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def dataset(classes):
    """A data set of one image of 1 x 2 pixels for each class."""
    count = len(classes)
    header = {
        "__metadata__": {"format": "outerloop.dataset.v1", "provenance": "seed",
                         "classes": json.dumps(classes)},
        "labels": {"dtype": "I32", "shape": [count], "data_offsets": [0, 4 * count]},
        "images": {"dtype": "U8", "shape": [count, 1, 1, 2],
                   "data_offsets": [4 * count, 6 * count]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 8)
    labels = struct.pack(f"<{count}i", *range(count))
    return struct.pack("<Q", len(text)) + text + labels + bytes(range(2 * count))


def archives():
    """Archives of both images, of every kind."""
    files = {"a/1.png": png(), "a/b/2.jpg": JPEG}
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    yield "zip", zipped.getvalue()
    for mode in ("w", "w:gz"):
        tarred = io.BytesIO()
        with tarfile.open(fileobj=tarred, mode=mode) as archive:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
            link = tarfile.TarInfo("a/link")
            link.type = tarfile.SYMTYPE
            link.linkname = "../../secret"
            archive.addfile(link)
        yield mode.replace(":", "-"), tarred.getvalue()


def write(folder, seeds):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in seeds:
        (folder / name).write_bytes(content)


def main():
    folder, presets = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    names = [{"name": "a", "origin": "x"}, {"name": "b", "origin": "y"}]
    splits = [dict(c, split=s) for c, s in zip(names, ("train", "test"))]
    write(folder / "safetensors", [("plain", dataset(names)), ("splits", dataset(splits))])
    write(folder / "archive", archives())
    write(folder / "job_yaml", [(p.name, p.read_bytes()) for p in sorted(presets.glob("*.yaml"))])


if __name__ == "__main__":
    main()
