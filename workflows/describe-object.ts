import type { DescribeObjectInput } from '../contracts/metadata.ts'
import { describes } from './proxies.ts'

/** Asks Salesforce for one object's describe and leaves the answer in the cache. Ends within two minutes. */
export async function describeObject(input: DescribeObjectInput): Promise<void> {
  await describes.describeObject(input)
}
