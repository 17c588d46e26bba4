"""Static int8 of a residual network's ONNX graph, in the QDQ form that ONNX Runtime turns into int8 kernels.

Activations are uint8 with one scale a tensor, weights int8 with one scale an output channel. What follows the
last feature maps (pool, classifier) stays float: it costs nothing, and the pooled features and the classifier's
weights stay readable for similar photos and for heat maps.
"""
import numpy
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper

# Processors without VNNI add two products of a byte and a weight in 16 bits: 2 x 255 x 64 fits, 2 x 255 x 127 not.
LARGEST_WEIGHT = 64
LARGEST_ACTIVATION = 255
QUANTISED_OUTPUTS = ('Conv', 'Relu', 'AveragePool')
SAMPLES_A_TENSOR = 400_000


def attributes_of(node):
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def run_graph(graph, images):
    """Every tensor of the float graph for these images, by name: the operators that a ResNet needs, no more."""
    tensors = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in graph.initializer}
    tensors[graph.input[0].name] = images
    for node in graph.node:
        inputs = [tensors[name] for name in node.input]
        attributes = attributes_of(node)
        if node.op_type == 'Conv':
            result = F.conv2d(*inputs, stride=attributes['strides'], padding=attributes['pads'][:2])
        elif node.op_type == 'Relu':
            result = F.relu(inputs[0])
        elif node.op_type == 'Add':
            result = inputs[0] + inputs[1]
        elif node.op_type == 'AveragePool':
            result = F.avg_pool2d(inputs[0], attributes['kernel_shape'], attributes['strides'])
        elif node.op_type == 'GlobalAveragePool':
            result = inputs[0].mean((2, 3), keepdim=True)
        elif node.op_type == 'Flatten':
            result = inputs[0].flatten(1)
        elif node.op_type == 'Gemm':
            result = F.linear(inputs[0], inputs[1], inputs[2])
        else:
            raise ValueError(f'{node.op_type} ({node.name}) is no operator of a folded ResNet')
        tensors[node.output[0]] = result
    return tensors


def best_range(values):
    """The part of the values' range that loses least (mean square) in 256 levels: clips rare extremes."""
    low, high = min(values.min().item(), 0), max(values.max().item(), 0)
    best = None
    for share in numpy.linspace(0.4, 1, 31):
        scale = (high - low) * share / LARGEST_ACTIVATION
        zero = round(-low * share / scale)
        restored = ((values / scale).round() + zero).clamp(0, LARGEST_ACTIVATION).sub(zero) * scale
        error = (restored - values).square().mean().item()
        if best is None or error < best[0]:
            best = (error, scale, zero)
    return best[1], best[2]


def activation_ranges(graph, images, names):
    """Scale and zero point of each named tensor, from a sample of its values over the calibration images."""
    samples = {name: [] for name in names}
    with torch.no_grad():
        for batch in images.split(64):
            tensors = run_graph(graph, batch)
            for name in names:
                flat = tensors[name].reshape(-1)
                wanted = SAMPLES_A_TENSOR * len(batch) // len(images)
                samples[name].append(flat[torch.randint(len(flat), (min(wanted, len(flat)),))])
    return {name: best_range(torch.cat(parts)) for name, parts in samples.items()}


def quantise(model, images):
    """The model with QDQ pairs, calibrated on `images` (float, normalised, [N, 3, height, width])."""
    graph = model.graph
    torch.manual_seed(0)
    consumers = {}
    for node in graph.node:
        for name in node.input:
            consumers.setdefault(name, []).append(node)
    weights = {one.name: numpy_helper.to_array(one) for one in graph.initializer}

    def is_quantised(node):
        # A tensor that only a Relu reads becomes int8 after the Relu; the sum of a block likewise.
        followers = consumers.get(node.output[0], [])
        return node.op_type in QUANTISED_OUTPUTS and not (len(followers) == 1 and followers[0].op_type == 'Relu')

    names = [graph.input[0].name] + [node.output[0] for node in graph.node if is_quantised(node)]
    ranges = activation_ranges(graph, images, names)
    nodes, initializers = [], []

    def constant(name, array):
        initializers.append(numpy_helper.from_array(array, name))
        return name

    def add_pair(name):
        scale, zero = ranges[name]
        parameters = [constant(f'{name}_scale', numpy.array(scale, numpy.float32)),
                      constant(f'{name}_zero', numpy.array(zero, numpy.uint8))]
        nodes.append(helper.make_node('QuantizeLinear', [name, *parameters], [f'{name}_q'], f'{name}_quantise'))
        nodes.append(helper.make_node('DequantizeLinear', [f'{name}_q', *parameters], [f'{name}_dq'],
                                      f'{name}_dequantise'))

    def readable(name):
        return f'{name}_dq' if name in ranges else name

    def add_convolution(node):
        source, weight_name, bias_name = node.input
        weight, bias = weights[weight_name], weights[bias_name]
        scales = (numpy.abs(weight).reshape(len(weight), -1).max(1) / LARGEST_WEIGHT).astype(numpy.float32)
        # A channel that training left at zero has no scale of its own.
        scales = numpy.maximum(scales, numpy.float32(1e-8))
        integers = numpy.rint(weight / scales[:, None, None, None]).astype(numpy.int8)
        bias_scales = (scales * numpy.float32(ranges[source][0])).astype(numpy.float32)
        limit = 2 ** 31 - 1
        bias_integers = numpy.clip(numpy.rint(bias / bias_scales.astype(numpy.float64)), -limit, limit)
        for name, values, value_scales, kind in (
                (weight_name, integers, scales, numpy.int8),
                (bias_name, bias_integers.astype(numpy.int32), bias_scales, numpy.int32)):
            parameters = [constant(f'{name}_q', values), constant(f'{name}_scale', value_scales),
                          constant(f'{name}_zero', numpy.zeros(len(value_scales), kind))]
            nodes.append(helper.make_node('DequantizeLinear', parameters, [f'{name}_dq'], f'{name}_dequantise',
                                          axis=0))
        nodes.append(helper.make_node('Conv', [readable(source), f'{weight_name}_dq', f'{bias_name}_dq'],
                                      list(node.output), node.name, **attributes_of(node)))

    add_pair(graph.input[0].name)
    for node in graph.node:
        if node.op_type == 'Conv':
            add_convolution(node)
        else:
            for name in node.input:
                if name in weights:
                    constant(name, weights[name])
            nodes.append(helper.make_node(node.op_type, [readable(name) for name in node.input],
                                          list(node.output), node.name, **attributes_of(node)))
        if node.output[0] in ranges:
            add_pair(node.output[0])
    quantised = helper.make_graph(nodes, graph.name, list(graph.input), list(graph.output), initializers)
    result = helper.make_model(quantised, producer_name='albumen', opset_imports=list(model.opset_import))
    result.ir_version = model.ir_version
    return result
