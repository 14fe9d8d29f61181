import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadForecastModels, type ModelFactory } from './forecast-models.ts'

/** The models, with their WebAssembly from where the package is installed. */
export function testModels(): ModelFactory {
  const { resolve } = createRequire(import.meta.url)
  const bytes = (name: string) =>
    readFileSync(join(dirname(resolve(`@bsull/augurs/${name}`)), `${name}_bg.wasm`))
  return loadForecastModels({ ets: bytes('ets'), mstl: bytes('mstl') })
}
