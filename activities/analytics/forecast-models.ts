import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadForecastModels, type ModelFactory } from '../../analytics/forecast/forecast-models.ts'

let loading: Promise<ModelFactory> | null = null

/** The models of forecasts, loaded once a process and only when one is wanted. */
export function forecastModels(): Promise<ModelFactory> {
  loading ??= load()
  return loading
}

async function load(): Promise<ModelFactory> {
  const { resolve } = createRequire(import.meta.url)
  const bytes = (name: string) =>
    readFile(join(dirname(resolve(`@bsull/augurs/${name}`)), `${name}_bg.wasm`))
  return loadForecastModels({
    ets: new Uint8Array(await bytes('ets')),
    mstl: new Uint8Array(await bytes('mstl')),
  })
}
