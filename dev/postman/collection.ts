import { collectionItem, type PostmanItem } from './collection-item.ts'
import type { OpenApi, Operation } from './openapi.ts'

/** A Postman collection in format 2.1, as far as one is made here. */
export interface PostmanCollection {
  readonly info: { readonly name: string; readonly description: string; readonly schema: string }
  readonly item: readonly { readonly name: string; readonly item: readonly PostmanItem[] }[]
  readonly variable: readonly { readonly key: string; readonly value: string }[]
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const

/** One folder a tag, one request a content type of each operation, in the order of the document. */
export function postmanCollection(document: OpenApi, baseUrl: string): PostmanCollection {
  const folders = new Map<string, PostmanItem[]>()
  for (const { method, path, operation } of operationsOf(document)) {
    const [tag = 'Other'] = operation.tags ?? []
    const folder = folders.get(tag) ?? []
    folder.push(...collectionItem(method, path, operation, document))
    folders.set(tag, folder)
  }
  return {
    info: {
      name: document.info.title,
      description: document.info.description ?? '',
      schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
    },
    item: [...folders].map(([name, item]) => ({ name, item })),
    variable: [
      { key: 'baseUrl', value: baseUrl },
      // That of a job is set by every request that creates one; the others are filled in by hand.
      ...pathParameters(document).map((key) => ({ key, value: '' })),
    ],
  }
}

function pathParameters(document: OpenApi): readonly string[] {
  const names = Object.keys(document.paths ?? {}).flatMap((path) =>
    [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
  )
  return [...new Set(names)]
}

function* operationsOf(
  document: OpenApi,
): Generator<{ method: string; path: string; operation: Operation }> {
  for (const [path, pathItem] of Object.entries(document.paths ?? {})) {
    for (const method of METHODS) {
      const operation = pathItem[method]
      if (operation !== undefined) yield { method: method.toUpperCase(), path, operation }
    }
  }
}
