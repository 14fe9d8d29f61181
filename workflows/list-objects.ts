import type { MetadataInput } from '../contracts/metadata.ts'
import { describes } from './proxies.ts'

/** Asks Salesforce for the list of all objects and leaves it in the catalogue. Ends within two minutes. */
export async function listObjects(input: MetadataInput): Promise<void> {
  await describes.listObjects(input)
}
