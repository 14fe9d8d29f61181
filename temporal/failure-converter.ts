import { DefaultFailureConverter } from '@temporalio/common'

/** Moves messages and stacks of failures into a payload, which is sealed. Temporal loads it by this name. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true })
