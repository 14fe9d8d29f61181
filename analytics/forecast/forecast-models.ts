import { AutoETS, initSync as initEts } from '@bsull/augurs/ets'
import { initSync as initMstl, MSTL } from '@bsull/augurs/mstl'

/** Points ahead, each with the limits between which it will be. */
export interface ModelForecast {
  readonly point: readonly number[]
  readonly low: readonly number[]
  readonly high: readonly number[]
}

/** A way to go on with a series. Null where the model does not fit it. */
export type ForecastModel = (
  series: readonly number[],
  horizon: number,
  level: number,
) => ModelForecast | null

/** Makes the model for a season length; 1 is none. */
export type ModelFactory = (season: number) => ForecastModel

/** WebAssembly of the two models: `ets_bg.wasm` and `mstl_bg.wasm` of `@bsull/augurs`. */
export interface ModelBytes {
  readonly ets: Uint8Array
  readonly mstl: Uint8Array
}

/**
 * Exponential smoothing, on its own, or for what remains when seasons are taken out (MSTL). The bytes are handed in,
 * so that nothing is read here.
 */
export function loadForecastModels(bytes: ModelBytes): ModelFactory {
  initEts({ module: bytes.ets })
  initMstl({ module: bytes.mstl })
  return (season) => (season > 1 ? seasonal(season) : smoothing)
}

const smoothing: ForecastModel = (series, horizon, level) =>
  predict(() => new AutoETS(1, 'ZZN'), series, horizon, level)

function seasonal(season: number): ForecastModel {
  return (series, horizon, level) => predict(() => MSTL.ets([season]), series, horizon, level)
}

function predict(
  make: () => AutoETS | MSTL,
  series: readonly number[],
  horizon: number,
  level: number,
): ModelForecast | null {
  try {
    using model = make()
    model.fit(Float64Array.from(series))
    const { point, intervals } = model.predict(horizon, level)
    if (intervals === undefined) return null
    const { lower: low, upper: high } = intervals
    const all = [...point, ...low, ...high]
    return all.length === 3 * horizon && all.every(Number.isFinite) ? { point, low, high } : null
  } catch {
    // Too short, constant, or no parameters found: the library throws, and there is no forecast.
    return null
  }
}

/**
 * The model on logarithms of a series that is above zero throughout: amounts and their seasons grow in proportion, and
 * limits taken on the plain numbers hold too seldom at the high ones.
 */
export function onLogScale(model: ForecastModel): ForecastModel {
  return (series, horizon, level) => {
    const found = model(series.map(Math.log), horizon, level)
    if (found === null) return null
    const [point = [], low = [], high = []] = [found.point, found.low, found.high].map((values) =>
      values.map(Math.exp),
    )
    return high.every(Number.isFinite) ? { point, low, high } : null
  }
}
