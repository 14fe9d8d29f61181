/** Input of the workflow `reEncrypt`, and of each run that continues it. */
export interface ReEncryptInput {
  /** The key that everything is to be sealed with. A worker that has another as its newest takes no part. */
  readonly keyId: string
  /** Where the run before this one came to. */
  readonly from?: ReEncryptPosition
}

export interface ReEncryptPosition {
  /** The last workspace that is done; empty before the first. */
  readonly doneWorkspaceId: string
  /** Where in the next one; null at its beginning. */
  readonly cursor: SealedValueCursor | null
  readonly progress: ReEncryptProgress
}

/** The last value that was looked at: names of its column and values of its row's key, nothing of what is sealed. */
export interface SealedValueCursor {
  readonly column: string
  readonly key: readonly (string | number)[]
}

export interface ReEncryptSliceInput {
  readonly workspaceId: string
  readonly keyId: string
  readonly cursor: SealedValueCursor | null
}

export interface ReEncryptSlice {
  /** Where to go on; null where the workspace is done. */
  readonly cursor: SealedValueCursor | null
  readonly sealedAnew: number
  /** Values that do not open: their key is missing, or they were moved or changed. The log names them. */
  readonly unreadable: number
}

/** What operators see of a run, and its result. */
export interface ReEncryptProgress {
  readonly keyId: string
  readonly workspacesDone: number
  readonly sealedAnew: number
  readonly unreadable: number
}
