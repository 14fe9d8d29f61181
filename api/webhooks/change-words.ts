import type { ChangeType } from '../../contracts/event-types.ts'

/** How senders say what happened, in small letters: event types, change data capture, triggers of Apex. */
const CHANGES: ReadonlyMap<string, ChangeType> = new Map(
  (
    [
      ['created', ['create', 'created', 'insert', 'inserted', 'after_insert', 'gap_create']],
      ['updated', ['update', 'updated', 'after_update', 'gap_update']],
      ['deleted', ['delete', 'deleted', 'after_delete', 'gap_delete']],
      ['undeleted', ['undelete', 'undeleted', 'after_undelete', 'gap_undelete']],
    ] as const
  ).flatMap(([change, words]) => words.map((word) => [word, change] as const)),
)

/** What a word for a change means; null for one that nobody knows. */
export function changeOfWord(word: string): ChangeType | null {
  return CHANGES.get(word.trim().toLowerCase()) ?? null
}
