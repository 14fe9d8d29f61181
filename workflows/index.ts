export { bulkJob } from './bulk-job.ts'
export { describeObject } from './describe-object.ts'
export { retention } from './retention.ts'
