/** Pictures to compare execution providers on: made, so that none has to come along. */

/** Octaves of waves; each half as strong as the one before, as in photos (power falls with 1/f²). */
const OCTAVES = 7
const BLOBS = 5

/**
 * `count` pictures of soft colours, edges and texture, the same on every machine.
 * Each is RGB, row-major, uint8, [side, side, 3].
 */
export function testPictures(side: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => picture(side, randomNumbers(index + 1)))
}

function picture(side: number, random: () => number): Uint8Array {
  const waves = Array.from({ length: 3 * OCTAVES }, (_, index) => {
    const octave = Math.floor(index / 3)
    const angle = random() * Math.PI
    const frequency = (2 ** octave * (1 + random())) / side
    return {
      x: 2 * Math.PI * frequency * Math.cos(angle),
      y: 2 * Math.PI * frequency * Math.sin(angle),
      phase: random() * 2 * Math.PI,
      colour: [random(), random(), random()].map((value) => (60 * (value - 0.3)) / (octave + 1)),
    }
  })
  const blobs = Array.from({ length: BLOBS }, () => ({
    x: random() * side,
    y: random() * side,
    radius: (0.1 + 0.25 * random()) * side,
    colour: [random() * 255, random() * 255, random() * 255],
  }))
  const pixels = new Uint8Array(side * side * 3)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const under = blobs.findLast((blob) => Math.hypot(x - blob.x, y - blob.y) < blob.radius)
      for (let channel = 0; channel < 3; channel++) {
        let value = under?.colour[channel] ?? 110 + (70 * y) / side
        for (const wave of waves) {
          value += Math.sin(wave.x * x + wave.y * y + wave.phase) * (wave.colour[channel] as number)
        }
        pixels[(y * side + x) * 3 + channel] = Math.min(255, Math.max(0, Math.round(value)))
      }
    }
  }
  return pixels
}

/** Numbers in [0, 1) from a seed: a linear congruential generator (Numerical Recipes). */
function randomNumbers(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b9) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
