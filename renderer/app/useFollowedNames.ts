import { useEffect, useRef } from 'react'
import { useAnswer } from '../connection/hooks.tsx'
import { renames } from './names.ts'
import type { Search } from './useSearch.ts'

/** The search goes on with what a tag or an album is called after undo, or by another window. */
export function useFollowedNames({ follow }: Search): void {
  useRenames(useAnswer('listTags', {}).data, (before, now) => follow('tag', before, now))
  useRenames(useAnswer('listAlbums', {}).data, (before, now) => follow('album', before, now))
}

/** Tells of each thing that is called otherwise since the last time. */
export function useRenames<Thing extends { id: number; name: string }>(
  things: readonly Thing[] | undefined,
  onRename: (before: string, now: string) => void,
): void {
  const last = useRef(things)
  useEffect(() => {
    if (!things || things === last.current) return
    for (const { before, now } of renames(last.current ?? [], things)) onRename(before, now)
    last.current = things
  })
}
