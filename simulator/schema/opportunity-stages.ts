/** Category of a forecast as the API names it, and as people read it. */
export const FORECAST_CATEGORIES = [
  { name: 'Omitted', label: 'Omitted' },
  { name: 'Pipeline', label: 'Pipeline' },
  { name: 'BestCase', label: 'Best Case' },
  { name: 'MostLikely', label: 'Most Likely' },
  { name: 'Forecast', label: 'Commit' },
  { name: 'Closed', label: 'Closed' },
] as const

export type ForecastCategory = (typeof FORECAST_CATEGORIES)[number]['name']

/** A step of the sales process, and what it says of an opportunity. */
export interface OpportunityStage {
  readonly name: string
  readonly probability: number
  readonly category: ForecastCategory
  readonly closed: boolean
  readonly won: boolean
}

function open(name: string, probability: number): OpportunityStage {
  return { name, probability, category: 'Pipeline', closed: false, won: false }
}

/** The stages of a new org, in their order. */
export const OPPORTUNITY_STAGES: readonly OpportunityStage[] = [
  open('Prospecting', 10),
  open('Qualification', 10),
  open('Needs Analysis', 20),
  open('Value Proposition', 50),
  open('Id. Decision Makers', 60),
  open('Perception Analysis', 70),
  open('Proposal/Price Quote', 75),
  open('Negotiation/Review', 90),
  { name: 'Closed Won', probability: 100, category: 'Closed', closed: true, won: true },
  { name: 'Closed Lost', probability: 0, category: 'Omitted', closed: true, won: false },
]

const BY_NAME = new Map(OPPORTUNITY_STAGES.map((stage) => [stage.name.toLowerCase(), stage]))

/** The stage of this name; a name outside the table is an open stage without a chance of its own. */
export function stageOf(name: string): OpportunityStage {
  return BY_NAME.get(name.toLowerCase()) ?? open(name, 0)
}

/** What people read for a category. */
export function forecastLabel(category: ForecastCategory): string {
  return FORECAST_CATEGORIES.find(({ name }) => name === category)?.label ?? category
}

/** The category that people read as this label; `null` for none. */
export function forecastCategory(label: string): ForecastCategory | null {
  return FORECAST_CATEGORIES.find((category) => category.label === label)?.name ?? null
}
