"""The labelled photos as one array of bytes, decoded once and kept outside the repository."""
import io
import os

import numpy
import torch

SIDE = 64


def read_labels(data_folder):
    with open(os.path.join(data_folder, 'labels.tsv'), encoding='utf-8') as file:
        return [line.rstrip('\n').split('\t')[0] for line in file]


def decode(data_folder, cache_folder):
    """Writes photos.npy (N, 64, 64, 3), labels.npy and validation.npy; each appears under its name when whole."""
    from PIL import Image
    numbers = {label: number for number, label in enumerate(read_labels(data_folder))}
    with open(os.path.join(data_folder, 'index.tsv'), encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file]
    shards = {}
    photos = numpy.empty((len(rows), SIDE, SIDE, 3), numpy.uint8)
    for position, (_, _, shard, offset, length) in enumerate(rows):
        if shard not in shards:
            with open(os.path.join(data_folder, f'photos-{shard}.bin'), 'rb') as file:
                shards[shard] = file.read()
        encoded = shards[shard][int(offset):int(offset) + int(length)]
        photos[position] = numpy.asarray(Image.open(io.BytesIO(encoded)).convert('RGB'))
    arrays = {
        'labels': numpy.array([numbers[row[1]] for row in rows], numpy.int64),
        'validation': numpy.array([row[0] == 'val' for row in rows], bool),
        'photos': photos,
    }
    os.makedirs(cache_folder, exist_ok=True)
    for name, array in arrays.items():
        unfinished = os.path.join(cache_folder, f'{name}.unfinished.npy')
        numpy.save(unfinished, array)
        os.replace(unfinished, os.path.join(cache_folder, f'{name}.npy'))


class Photos:
    """`pixels` uint8 (N, 3, 64, 64) on the device; `training` and `validation` are rows of it."""

    def __init__(self, data_folder, cache_folder, device='cpu'):
        # photos.npy is written last, so its presence means that all three are there.
        if not os.path.exists(os.path.join(cache_folder, 'photos.npy')):
            decode(data_folder, cache_folder)
        # Copy-on-write: torch wants a writable array, the file stays as it is.
        pixels = numpy.load(os.path.join(cache_folder, 'photos.npy'), mmap_mode='c')
        self.names = read_labels(data_folder)
        self.pixels = torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2)
        self.labels = torch.from_numpy(numpy.load(os.path.join(cache_folder, 'labels.npy'))).to(device)
        held_out = torch.from_numpy(numpy.load(os.path.join(cache_folder, 'validation.npy')))
        self.training = (~held_out).nonzero()[:, 0].to(device)
        self.validation = held_out.nonzero()[:, 0].to(device)
