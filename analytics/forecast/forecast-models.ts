import { AutoETS, initSync as initEts } from '@bsull/augurs/ets'
import { initSync as initMstl, MSTL } from '@bsull/augurs/mstl'

/** Limits of each point ahead. */
export interface Limits {
  readonly low: readonly number[]
  readonly high: readonly number[]
}

/** Points ahead, and the limits between which they will be with 80 and with 95 %. */
export interface ModelForecast {
  readonly point: readonly number[]
  readonly within80: Limits
  readonly within95: Limits
}

/** A way to go on with a series. Null where the model does not fit it. */
export type ForecastModel = (series: readonly number[], horizon: number) => ModelForecast | null

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

const smoothing: ForecastModel = (series, horizon) =>
  predict(() => new AutoETS(1, 'ZZN'), series, horizon)

function seasonal(season: number): ForecastModel {
  return (series, horizon) => predict(() => MSTL.ets([season]), series, horizon)
}

function predict(
  make: () => AutoETS | MSTL,
  series: readonly number[],
  horizon: number,
): ModelForecast | null {
  try {
    using model = make()
    model.fit(Float64Array.from(series))
    const at80 = model.predict(horizon, 0.8)
    const at95 = model.predict(horizon, 0.95)
    if (at80.intervals === undefined || at95.intervals === undefined) return null
    return usable(
      {
        point: at95.point,
        within80: { low: at80.intervals.lower, high: at80.intervals.upper },
        within95: { low: at95.intervals.lower, high: at95.intervals.upper },
      },
      horizon,
    )
  } catch {
    // Too short, constant, or no parameters found: the library throws, and there is no forecast.
    return null
  }
}

/**
 * The model on logarithms of a series that is above zero throughout: amounts and their seasons grow in proportion, and
 * limits taken on the plain numbers hold too seldom at the high ones. The points are medians then.
 */
export function onLogScale(model: ForecastModel): ForecastModel {
  return (series, horizon) => {
    const found = model(series.map(Math.log), horizon)
    if (found === null) return null
    const back = (limits: Limits): Limits => ({
      low: limits.low.map(Math.exp),
      high: limits.high.map(Math.exp),
    })
    return usable(
      {
        point: found.point.map(Math.exp),
        within80: back(found.within80),
        within95: back(found.within95),
      },
      horizon,
    )
  }
}

/** A forecast of as many finite numbers as were asked for, else null. */
function usable(found: ModelForecast, horizon: number): ModelForecast | null {
  const { point, within80, within95 } = found
  const lists = [point, within80.low, within80.high, within95.low, within95.high]
  const whole = lists.every((list) => list.length === horizon && list.every(Number.isFinite))
  return whole ? found : null
}
