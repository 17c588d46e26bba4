"""Turns the shipped model's logits on the validation photos into its manifest.

    /usr/bin/python3 calibrate.py --data ../../../shared/training --output /var/tmp/albumen-training \
        --model ../starter/starter.onnx --logits /var/tmp/albumen-training/logits-int8.bin

LOGITS is what logits.mjs wrote for that very model. Writes the manifest beside the model and prints what the model
card reports: accuracy, calibration, precision and recall at the thresholds, best and worst classes, confusions.
"""
import argparse
import csv
import hashlib
import json
import os

import numpy

import augment
from photos import SIDE, read_labels

WANTED_PRECISION = 0.8
# A class has some fifty photos here: counting one miss more than was seen keeps the promise on unseen ones.
UNSEEN_MISSES = 1
# Each tag must be likely by itself, whatever the mean precision of the surer ones above it.
LOWEST_THRESHOLD = 0.4
# For a class that never holds the precision: no softmax over 156 classes answers it.
UNREACHABLE = 1
FOLDS = 5


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', required=True)
    parser.add_argument('--output', required=True, help='the folder that train.py wrote to')
    parser.add_argument('--model', required=True)
    parser.add_argument('--logits', required=True)
    return parser.parse_args()


def softmax(logits, temperature):
    scaled = (logits - logits.max(1, keepdims=True)) / temperature
    exponentials = numpy.exp(scaled)
    return exponentials / exponentials.sum(1, keepdims=True)


def negative_log_likelihood(logits, truth, temperature):
    return -numpy.log(softmax(logits, temperature)[numpy.arange(len(truth)), truth] + 1e-12).mean()


def best_temperature(logits, truth):
    candidates = numpy.exp(numpy.linspace(numpy.log(0.3), numpy.log(3), 116))
    return float(min(candidates, key=lambda one: negative_log_likelihood(logits, truth, one)))


def calibration_error(probabilities, truth, bins=15):
    """Expected calibration error: the mean gap between confidence and accuracy, over bins of confidence."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == truth
    places = numpy.minimum((confidence * bins).astype(int), bins - 1)
    return sum(abs(confidence[places == one].sum() - right[places == one].sum()) for one in range(bins)) / len(truth)


def threshold(scores, right, weights):
    """The lowest score from which on the wanted precision holds; None when it never does.

    It must hold for the photos as they are and with each class weighing the same (`weights`): the scenes are
    five times as common here as anything else, which no one's own photos promise.
    """
    order = numpy.argsort(-scores)
    precise = scores[order] >= LOWEST_THRESHOLD
    for each in (numpy.ones(len(order)), weights[order]):
        hits, accepted = numpy.cumsum(each * right[order]), numpy.cumsum(each)
        precise &= hits / (accepted + UNSEEN_MISSES) >= WANTED_PRECISION
    if not precise.any():
        return None
    last = numpy.nonzero(precise)[0].max()
    # Rounded down just below the last accepted score, so that this photo stays accepted.
    return float(numpy.floor(scores[order[last]] * 1e5) / 1e5)


def thresholds_of(probabilities, truth):
    counts = numpy.bincount(truth, minlength=probabilities.shape[1])
    weights = (counts.min() / counts)[truth]
    return [threshold(probabilities[:, one], truth == one, weights) for one in range(probabilities.shape[1])]


def tags_of(probabilities, limits):
    """Which classes each photo is tagged with: bool [photos, classes]."""
    return probabilities >= numpy.array([2 if limit is None else limit for limit in limits])


def held_out_tags(probabilities, truth):
    """Tags by thresholds that never saw the photo: fitted on four fifths, applied to the fifth."""
    folds = numpy.random.default_rng(0).permutation(len(truth)) % FOLDS
    tags = numpy.zeros(probabilities.shape, bool)
    for fold in range(FOLDS):
        seen = folds != fold
        tags[~seen] = tags_of(probabilities[~seen], thresholds_of(probabilities[seen], truth[seen]))
    return tags


def describe_tags(name, tags, truth):
    hits = tags[numpy.arange(len(truth)), truth].sum()
    print(f'{name}: precision {hits / max(tags.sum(), 1):.3f}, recall {hits / len(truth):.3f}, '
          f'photos with a tag {tags.any(1).mean():.3f}')


def read_classes():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'classes.tsv')
    with open(path, encoding='utf-8', newline='') as file:
        return {row['label']: row for row in csv.DictReader(file, delimiter='\t')}


def describe_classes(names, probabilities, truth):
    guesses = probabilities.argmax(1)
    recalls = [(guesses[truth == one] == one).mean() for one in range(len(names))]
    order = numpy.argsort(recalls)
    for title, chosen in (('best', order[::-1][:15]), ('worst', order[:15])):
        print(f'{title} recall (top-1): ' + ', '.join(f'{names[one]} {recalls[one]:.2f}' for one in chosen))
    confusions = numpy.zeros((len(names), len(names)), int)
    numpy.add.at(confusions, (truth, guesses), 1)
    counts = confusions.sum(1)
    numpy.fill_diagonal(confusions, 0)
    shares = confusions / counts[:, None]
    for place in numpy.argsort(-shares, axis=None)[:20]:
        real, guess = divmod(int(place), len(names))
        print(f'{names[real]} taken for {names[guess]}: {confusions[real, guess]} of {counts[real]}')


def main():
    arguments = parse_arguments()
    labels = read_labels(arguments.data)
    classes = read_classes()
    cache = os.path.join(arguments.output, 'cache')
    truth = numpy.load(os.path.join(cache, 'labels.npy'))[numpy.load(os.path.join(cache, 'validation.npy'))]
    logits = numpy.fromfile(arguments.logits, numpy.float32).reshape(len(truth), len(labels)).astype(numpy.float64)

    temperature = round(best_temperature(logits, truth), 4)
    probabilities = softmax(logits, temperature)
    limits = thresholds_of(probabilities, truth)
    ranked = numpy.argsort(-logits, axis=1)[:, :5] == truth[:, None]
    top1, top5 = float(ranked[:, 0].mean()), float(ranked.any(1).mean())

    with open(arguments.model, 'rb') as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    manifest = {
        'id': 'starter',
        'name': 'Albumen starter (ResNet, 156 everyday classes)',
        'labels': [{'wnid': classes[label]['wnid'], 'name': classes[label]['name']} for label in labels],
        'inputSize': SIDE,
        'resize': SIDE,
        'mean': augment.MEAN,
        'std': augment.STD,
        'outputKind': 'logits',
        'temperature': temperature,
        'thresholds': [UNREACHABLE if limit is None else limit for limit in limits],
        'licence': 'Trained by the Albumen project; research and non-commercial use, as ImageNet\'s terms ask '
                   'for models trained on its photos.',
        'sha256': digest,
        'accuracy': {'top1': round(top1, 4), 'top5': round(top5, 4), 'n': len(truth),
                     'on': 'validation split of shared/training: Tiny-ImageNet photos and natural scenes, 64 px'},
    }
    with open(os.path.splitext(arguments.model)[0] + '.json', 'w', encoding='utf-8') as file:
        json.dump(manifest, file, indent=2, ensure_ascii=False)
        file.write('\n')

    print(f'top-1 {top1:.4f}, top-5 {top5:.4f} on {len(truth)} photos')
    print(f'temperature {temperature}: calibration error {calibration_error(softmax(logits, 1), truth):.4f} -> '
          f'{calibration_error(probabilities, truth):.4f}')
    print(f'classes without a threshold: {sum(limit is None for limit in limits)}')
    describe_tags('thresholds on the photos that chose them', tags_of(probabilities, limits), truth)
    describe_tags('thresholds on photos that did not', held_out_tags(probabilities, truth), truth)
    scenes = numpy.array([label.startswith('scene-') for label in labels])[truth]
    for name, chosen in (('scenes', scenes), ('ImageNet classes', ~scenes)):
        print(f'{name}: top-1 {ranked[chosen, 0].mean():.4f}, top-5 {ranked[chosen].any(1).mean():.4f} '
              f'on {chosen.sum()} photos')
    describe_classes([classes[label]['name'] for label in labels], probabilities, truth)


if __name__ == '__main__':
    main()
