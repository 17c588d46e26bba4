/** Keeps the values used last, at most `size` of them. */
export interface Recent<Value> {
  get(key: string, make: () => Value): Value
  clear(): void
}

export function recentlyUsed<Value>(size: number): Recent<Value> {
  const values = new Map<string, Value>()
  return {
    get(key, make) {
      const known = values.get(key)
      const value = known === undefined ? make() : known
      values.delete(key)
      values.set(key, value)
      for (const oldest of values.keys()) {
        if (values.size <= size) break
        values.delete(oldest)
      }
      return value
    },
    clear: () => values.clear(),
  }
}
