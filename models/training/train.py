"""Trains the starter model: a small ResNet on 64 px photos of 156 everyday classes.

    /usr/bin/python3 train.py --data ../../../shared/training --output /var/tmp/albumen-training \
        --recipe recipe-cpu.json --deadline 2026-11-23T18:05:00Z

Runs on Debian's python3-torch 1.13 on the CPU (bfloat16 autocast, channels last, growing photo sizes) and on a
current PyTorch on a GPU (the photos stay on the GPU as bytes and are augmented there). Everything that decides
the result is in the recipe and the seed; the curves go to OUTPUT/curves.tsv.

The schedule (learning rate, photo size) follows `progress`, 0 to 1. Without --deadline it is the share of the
recipe's epochs. With one it advances so that it reaches 1 at that moment, whatever speed the machine gives:
meant for a background run on busy cores. A pause is not counted as training.

Started again with the same OUTPUT it goes on from OUTPUT/checkpoint.pt (weights, their average, optimizer,
schedule, random state, place in the epoch); a new --deadline plans the remainder anew. SIGTERM saves first.
"""
import argparse
import datetime
import json
import math
import os
import signal
import time

import torch
import torch.nn.functional as F

import augment
import network
from photos import Photos

# A step that took longer was interrupted (a stopped process, a suspended machine) and says nothing about speed.
LONGEST_STEP_SECONDS = 5
CURVE_COLUMNS = ('step', 'epoch', 'progress', 'size', 'rate', 'loss', 'photosPerSecond', 'top1', 'top5', 'time')


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', required=True, help='folder with index.tsv, labels.tsv and the shards')
    parser.add_argument('--output', required=True, help='folder for cache, checkpoint and curves')
    parser.add_argument('--recipe', required=True)
    parser.add_argument('--deadline', help='ISO 8601 time in UTC at which the schedule ends')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--threads', type=int, default=2, help='at most, on a CPU that others leave idle')
    parser.add_argument('--checkpoint-minutes', type=float, default=8)
    parser.add_argument('--evaluate-minutes', type=float, default=16)
    return parser.parse_args()


def learning_rate(progress, recipe):
    """Linear warm-up, then half a cosine."""
    if progress < recipe['warmUp']:
        return recipe['peakRate'] * max(progress / recipe['warmUp'], 0.01)
    return recipe['peakRate'] * 0.5 * (1 + math.cos(
        math.pi * (progress - recipe['warmUp']) / (1 - recipe['warmUp'])))


def photo_size(progress, recipe):
    return [size for start, size in recipe['sizes'] if progress >= start][-1]


def autocast(device):
    return torch.autocast(device, dtype=torch.bfloat16)


def evaluate(model, photos, size, device):
    """Top-1 and top-5 in percent on the validation photos."""
    model.eval()
    first = among_five = 0
    with torch.no_grad(), autocast(device):
        for rows in photos.validation.split(256):
            best = model(augment.for_validation(photos.pixels[rows], size)).float().topk(5, 1).indices
            hits = best == photos.labels[rows][:, None]
            first += hits[:, 0].sum().item()
            among_five += hits.sum().item()
    count = len(photos.validation)
    return 100 * first / count, 100 * among_five / count


class SharedCores:
    """Gives up threads while other processes use the cores.

    Two threads meet at a barrier thousands of times a second: with one of them kept off its core by other work,
    both stand still, and a single thread is several times faster.
    """

    SECONDS_BETWEEN_LOOKS = 3
    # Below this share of a core, others are short bursts.
    NOTICEABLE_CORES = 0.35

    def __init__(self, threads):
        self.threads = threads
        self.last = self.look()
        torch.set_num_threads(threads)

    @staticmethod
    def look():
        """Wall clock, busy seconds of all processes and of this one."""
        with open('/proc/stat', encoding='ascii') as file:
            user, nice, system = (int(value) for value in file.readline().split()[1:4])
        return time.time(), (user + nice + system) / os.sysconf('SC_CLK_TCK'), time.process_time()

    def adapt(self):
        now = self.look()
        wall, busy, own = (after - before for after, before in zip(now, self.last))
        if wall < self.SECONDS_BETWEEN_LOOKS:
            return
        self.last = now
        foreign = (busy - own) / wall
        torch.set_num_threads(self.threads if foreign < self.NOTICEABLE_CORES
                              else max(1, self.threads - math.ceil(foreign)))


class Run:
    def __init__(self, arguments):
        self.arguments = arguments
        with open(arguments.recipe, encoding='utf-8') as file:
            self.recipe = json.load(file)
        self.device = arguments.device
        self.cores = SharedCores(arguments.threads) if self.device == 'cpu' else None
        torch.manual_seed(self.recipe['seed'])
        os.makedirs(arguments.output, exist_ok=True)
        self.photos = Photos(arguments.data, os.path.join(arguments.output, 'cache'), self.device)
        self.model = self.new_model()
        # The moving average of the weights is what gets evaluated and shipped.
        self.average = self.new_model()
        self.average.load_state_dict(self.model.state_dict())
        parameters = list(self.model.parameters())
        # Norms and biases set the scale of the activations: decay would only fight them.
        self.optimizer = torch.optim.SGD([
            {'params': [one for one in parameters if one.ndim > 1], 'weight_decay': self.recipe['weightDecay']},
            {'params': [one for one in parameters if one.ndim <= 1], 'weight_decay': 0},
        ], lr=self.recipe['peakRate'], momentum=self.recipe['momentum'], nesterov=True)
        self.step, self.epoch, self.place, self.progress = 0, 0, 0, 0.0
        self.checkpoint_path = os.path.join(arguments.output, 'checkpoint.pt')
        if os.path.exists(self.checkpoint_path):
            self.load()
        self.deadline = None
        if arguments.deadline:
            self.deadline = datetime.datetime.fromisoformat(arguments.deadline.replace('Z', '+00:00')).timestamp()
            if self.deadline <= time.time() and self.progress < 1:
                raise SystemExit(f'The deadline {arguments.deadline} has passed.')
        self.stopped = False
        signal.signal(signal.SIGTERM, self.stop)

    def new_model(self):
        model = network.build(self.recipe['architecture'], len(self.photos.names))
        return model.to(self.device).to(memory_format=torch.channels_last)

    def stop(self, *_):
        self.stopped = True

    def load(self):
        state = torch.load(self.checkpoint_path, map_location=self.device)
        if state['recipe']['architecture'] != self.recipe['architecture']:
            raise SystemExit(f'{self.checkpoint_path} holds another architecture: choose another --output.')
        self.model.load_state_dict(state['model'])
        self.average.load_state_dict(state['average'])
        self.optimizer.load_state_dict(state['optimizer'])
        self.step, self.epoch, self.place, self.progress = (
            state[name] for name in ('step', 'epoch', 'place', 'progress'))
        torch.set_rng_state(state['random'].cpu())
        if state['deviceRandom'] is not None and self.device == 'cuda':
            torch.cuda.set_rng_state(state['deviceRandom'].cpu())

    def save(self):
        unfinished = self.checkpoint_path + '.unfinished'
        torch.save({
            'model': self.model.state_dict(), 'average': self.average.state_dict(),
            'optimizer': self.optimizer.state_dict(), 'step': self.step, 'epoch': self.epoch, 'place': self.place,
            'progress': self.progress, 'random': torch.get_rng_state(),
            'deviceRandom': torch.cuda.get_rng_state() if self.device == 'cuda' else None,
            'recipe': self.recipe, 'labels': self.photos.names,
        }, unfinished)
        os.replace(unfinished, self.checkpoint_path)

    def record(self, **values):
        path = os.path.join(self.arguments.output, 'curves.tsv')
        fresh = not os.path.exists(path)
        values.update(step=self.step, epoch=self.epoch, progress=f'{self.progress:.4f}',
                      time=datetime.datetime.utcnow().isoformat(timespec='seconds') + 'Z')
        with open(path, 'a', encoding='utf-8') as file:
            if fresh:
                file.write('\t'.join(CURVE_COLUMNS) + '\n')
            file.write('\t'.join(str(values.get(column, '')) for column in CURVE_COLUMNS) + '\n')

    def advance(self, seconds, steps_an_epoch):
        """Moves `progress` on after a step."""
        if self.deadline is None:
            self.progress = self.step / (steps_an_epoch * self.recipe['epochs'])
            return
        spent = min(seconds, LONGEST_STEP_SECONDS)
        remaining = self.deadline - time.time()
        self.progress = 1.0 if remaining <= 0 else min(
            1.0, self.progress + (1 - self.progress) * spent / (remaining + spent))

    def train_step(self, rows, size):
        recipe = self.recipe
        rate = learning_rate(self.progress, recipe)
        for group in self.optimizer.param_groups:
            group['lr'] = rate
        labels = self.photos.labels[rows]
        images = augment.for_training(self.photos.pixels[rows], size, recipe)
        images, order, share = augment.mix(images, recipe)
        self.model.train()
        with autocast(self.device):
            logits = self.model(images)
        logits = logits.float()
        loss = F.cross_entropy(logits, labels, label_smoothing=recipe['labelSmoothing'])
        if order is not None:
            loss = share * loss + (1 - share) * F.cross_entropy(
                logits, labels[order], label_smoothing=recipe['labelSmoothing'])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.step += 1
        if self.step % recipe['averageEverySteps'] == 0:
            self.update_average()
        return loss.detach(), rate

    @torch.no_grad()
    def update_average(self):
        updates = self.step // self.recipe['averageEverySteps']
        # While young, the average forgets faster, or it would remember the random start.
        decay = min(self.recipe['averageDecay'], (1 + updates) / (10 + updates))
        for kept, current in zip(self.average.state_dict().values(), self.model.state_dict().values()):
            if kept.dtype.is_floating_point:
                kept.mul_(decay).add_(current, alpha=1 - decay)

    def train(self):
        batch = self.recipe['batch']
        steps_an_epoch = len(self.photos.training) // batch
        last_save = last_evaluation = last_record = time.time()
        losses, recorded_step = [], self.step
        while self.progress < 1 and not self.stopped:
            shuffle = torch.Generator().manual_seed(self.recipe['seed'] + self.epoch)
            order = self.photos.training[torch.randperm(len(self.photos.training), generator=shuffle).to(self.device)]
            while self.place < steps_an_epoch and self.progress < 1 and not self.stopped:
                started = time.time()
                size = photo_size(self.progress, self.recipe)
                loss, rate = self.train_step(order[self.place * batch:(self.place + 1) * batch], size)
                self.place += 1
                losses.append(loss)
                if self.step % 100 == 0:
                    now = time.time()
                    speed = (self.step - recorded_step) * batch / (now - last_record)
                    self.record(size=size, rate=f'{rate:.5f}', loss=f'{torch.stack(losses).mean().item():.4f}',
                                photosPerSecond=f'{speed:.0f}')
                    losses, recorded_step, last_record = [], self.step, now
                if time.time() - last_save > 60 * self.arguments.checkpoint_minutes:
                    self.save()
                    last_save = time.time()
                if time.time() - last_evaluation > 60 * self.arguments.evaluate_minutes:
                    self.report(size)
                    last_evaluation = time.time()
                self.advance(time.time() - started, steps_an_epoch)
                if self.cores:
                    self.cores.adapt()
            if self.place >= steps_an_epoch:
                self.epoch, self.place = self.epoch + 1, 0
        self.save()
        if not self.stopped:
            self.report(photo_size(1, self.recipe))

    def report(self, size):
        top1, top5 = evaluate(self.average, self.photos, size, self.device)
        self.record(size=size, top1=f'{top1:.2f}', top5=f'{top5:.2f}')
        print(f'step {self.step} progress {self.progress:.3f} size {size}: top-1 {top1:.2f} %, top-5 {top5:.2f} %',
              flush=True)


if __name__ == '__main__':
    Run(parse_arguments()).train()
