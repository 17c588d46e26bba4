"""Writes the trained network as ONNX: OUTPUT/starter-float.onnx and OUTPUT/starter-int8.onnx.

    /usr/bin/python3 export.py --data ../../../shared/training --output /var/tmp/albumen-training

The exported weights are the moving average of the checkpoint. Pads are explicit, the batch is dynamic, each
batch normalisation is folded into the convolution before it.
"""
import argparse
import os

import onnx
import torch

import augment
import network
import quantise
from photos import SIDE, Photos

OPSET = 13
CALIBRATION_PHOTOS = 1024


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', required=True)
    parser.add_argument('--output', required=True, help='the folder that train.py wrote to')
    return parser.parse_args()


def trained_network(checkpoint):
    model = network.build(checkpoint['recipe']['architecture'], len(checkpoint['labels']))
    model.load_state_dict(checkpoint['average'])
    for module in model.modules():
        if isinstance(module, torch.nn.AvgPool2d):
            # Only the odd maps of the smaller training sizes need the rounding up.
            module.ceil_mode = False
    return model.eval()


def export_float(model, path):
    torch.onnx.export(
        model, torch.zeros(1, 3, SIDE, SIDE), path, opset_version=OPSET,
        input_names=['input'], output_names=['logits'],
        dynamic_axes={'input': {0: 'batch'}, 'logits': {0: 'batch'}})
    onnx.checker.check_model(path, full_check=True)


def main():
    arguments = parse_arguments()
    torch.set_num_threads(2)
    checkpoint = torch.load(os.path.join(arguments.output, 'checkpoint.pt'), map_location='cpu')
    photos = Photos(arguments.data, os.path.join(arguments.output, 'cache'))
    float_path = os.path.join(arguments.output, 'starter-float.onnx')
    export_float(trained_network(checkpoint), float_path)

    # Training photos: the validation photos must not have shaped the model that they judge.
    chosen = torch.randperm(len(photos.training), generator=torch.Generator().manual_seed(0))[:CALIBRATION_PHOTOS]
    images = augment.for_validation(photos.pixels[photos.training[chosen]], SIDE)
    int8_path = os.path.join(arguments.output, 'starter-int8.onnx')
    onnx.save(quantise.quantise(onnx.load(float_path), images), int8_path)
    onnx.checker.check_model(int8_path, full_check=True)
    for path in (float_path, int8_path):
        print(f'{path}: {os.path.getsize(path)} bytes')


if __name__ == '__main__':
    main()
