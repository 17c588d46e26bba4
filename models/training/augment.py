"""Batches of bytes to batches of normalised floats, on whichever device the bytes are."""
import math

import torch
import torch.nn.functional as F

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def normalise(images):
    """Bytes or floats of 0..255 to the network's input, channels last."""
    mean = torch.tensor(MEAN, device=images.device).view(1, 3, 1, 1) * 255
    std = torch.tensor(STD, device=images.device).view(1, 3, 1, 1) * 255
    return ((images.float() - mean) / std).contiguous(memory_format=torch.channels_last)


def for_validation(pixels, size):
    images = pixels.float()
    if size != images.shape[2]:
        images = F.interpolate(images, size=(size, size), mode='bilinear', antialias=True, align_corners=False)
    return normalise(images)


def uniform(count, low, high, device):
    return torch.empty(count, device=device).uniform_(low, high)


def crop_and_flip(images, size, smallest_area):
    """A random part of each photo (area, aspect, place), mirrored half the time, at size x size pixels."""
    count, device = len(images), images.device
    side = uniform(count, smallest_area, 1, device).sqrt()
    aspect = uniform(count, -math.log(4 / 3) / 2, math.log(4 / 3) / 2, device).exp()
    width, height = (side * aspect).clamp(max=1), (side / aspect).clamp(max=1)
    mirror = torch.where(torch.rand(count, device=device) < 0.5, -1.0, 1.0)
    transform = torch.zeros(count, 2, 3, device=device)
    transform[:, 0, 0] = width * mirror
    transform[:, 0, 2] = uniform(count, -1, 1, device) * (1 - width)
    transform[:, 1, 1] = height
    transform[:, 1, 2] = uniform(count, -1, 1, device) * (1 - height)
    grid = F.affine_grid(transform, (count, 3, size, size), align_corners=False)
    return F.grid_sample(images, grid, mode='bilinear', padding_mode='reflection', align_corners=False)


def change_colours(images, strength):
    """Saturation, contrast and brightness, each by up to `strength`, and each channel by a third of it."""
    count, device = len(images), images.device

    def factor(limit, channels=1):
        return 1 + uniform(count * channels, -limit, limit, device).view(count, channels, 1, 1)

    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * factor(strength)
    level = images.mean((1, 2, 3), keepdim=True)
    images = level + (images - level) * factor(strength)
    return (images * factor(strength) * factor(strength / 3, 3)).clamp(0, 255)


def for_training(pixels, size, recipe):
    images = crop_and_flip(pixels.float(), size, recipe['smallestCropArea'])
    return normalise(change_colours(images, recipe['colourStrength']))


def mix(images, recipe):
    """Mixup or CutMix of the batch with itself, shuffled: the images, the shuffle, and the first photo's share."""
    if torch.rand(()).item() >= recipe['mixProbability']:
        return images, None, 1.0
    order = torch.randperm(len(images), device=images.device)
    if torch.rand(()).item() < 0.5:
        share = torch.distributions.Beta(recipe['mixupAlpha'], recipe['mixupAlpha']).sample().item()
        return images * share + images[order] * (1 - share), order, share
    size = images.shape[2]
    side = math.sqrt(torch.rand(()).item())
    centre_row, centre_column = (torch.rand(2) * size).tolist()
    top, bottom = (int(min(max(centre_row + sign * side * size / 2, 0), size)) for sign in (-1, 1))
    left, right = (int(min(max(centre_column + sign * side * size / 2, 0), size)) for sign in (-1, 1))
    mixed = images.clone()
    mixed[:, :, top:bottom, left:right] = images[order][:, :, top:bottom, left:right]
    return mixed, order, 1 - (bottom - top) * (right - left) / size ** 2
