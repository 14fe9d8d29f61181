import type { BlobKind } from '../../db/bulk-batch-blobs.ts'

/** Where a batch's blob belongs: sealed bytes do not open anywhere else. The worker names it the same way. */
export function blobContext(jobId: string, kind: BlobKind, batchNumber: number): string {
  return `bulk_batch_blobs/${jobId}/${kind}/${batchNumber}`
}
