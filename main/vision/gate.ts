export interface Gate {
  /**
   * Waits until `amount` fits and gives back how to leave. One larger than all goes in alone; 0
   * never waits.
   */
  enter(amount: number): Promise<() => void>
}

/** Lets in what fits into `capacity`, first come first served. */
export function createGate(capacity: number): Gate {
  let used = 0
  const waiting: { amount: number; admit: () => void }[] = []

  const fits = (amount: number) => used === 0 || used + amount <= capacity

  function leave(amount: number): void {
    used -= amount
    for (let next = waiting[0]; next && fits(next.amount); next = waiting[0]) {
      waiting.shift()
      next.admit()
    }
  }

  return {
    enter: (amount) =>
      new Promise((resolve) => {
        const admit = () => {
          used += amount
          resolve(() => leave(amount))
        }
        if (amount === 0 || (waiting.length === 0 && fits(amount))) admit()
        else waiting.push({ amount, admit })
      }),
  }
}
