export { bulkJob } from './bulk-job.ts'
export { describeObject } from './describe-object.ts'
export { reEncrypt } from './re-encrypt.ts'
export { retention } from './retention.ts'
