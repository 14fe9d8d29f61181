import { makeId } from '../ids.ts'
import type { RecordFields } from '../store/record-store.ts'
import { roundHalfUp } from '../values/coerce-text.ts'
import { between, chance, pick, skewed } from './chance.ts'
import { type Deal, dealRecords } from './deal-records.ts'
import { type DealStep, dealStory, QUOTED_STAGE } from './deal-story.ts'
import { campaignAt, countIn } from './seed-catalogue.ts'
import { LOSS_REASONS, NEXT_STEPS } from './seed-names.ts'
import type { SeedRecord } from './seed-record.ts'
import {
  type CatalogueEntry,
  type RunningCampaign,
  type SeedScope,
  type Seller,
  seedRecord,
} from './seed-scope.ts'

/** What a deal needs to know of its account. */
export interface DealParent {
  readonly accountId: string
  readonly accountName: string
  readonly size: number
  readonly winRate: number
  readonly source: string
}

/** A deal and all that hangs on it. */
export interface MadeDeal {
  readonly id: string
  readonly owner: Seller
  readonly steps: readonly DealStep[]
  readonly records: SeedRecord[]
}

interface Line {
  readonly entry: CatalogueEntry
  readonly quantity: number
  readonly unitPrice: number
  readonly total: number
}

const MIDDLE_AMOUNT = 24_000
const MIDDLE_CYCLE = 95

/** Makes a deal that begins at a moment, with its history and its line items. */
export function makeDeal(
  scope: SeedScope,
  parent: DealParent,
  owner: Seller,
  created: number,
  options: { readonly name?: string; readonly isFirst: boolean },
): MadeDeal {
  const { random } = scope
  const amount = Math.round(skewed(random, MIDDLE_AMOUNT * parent.size, 0.8) / 100) * 100
  const lines = chance(random, 0.6) ? linesOf(scope, amount) : []
  const sum = roundHalfUp(
    lines.reduce((total, line) => total + line.total, 0),
    2,
  )
  const steps = dealStory(random, scope.calendar, {
    created,
    amount,
    amountKnown: !chance(random, 0.2),
    winRate: Math.min(parent.winRate * owner.skill * (options.isFirst ? 0.9 : 1.15), 0.9),
    // What costs more takes longer.
    cycleDays: MIDDLE_CYCLE * (amount / MIDDLE_AMOUNT) ** 0.3,
    quoted: lines.length > 0 ? sum : Math.round((amount * (0.8 + random() * 0.4)) / 50) * 50,
  })
  const { n, id } = scope.next('Opportunity')
  const quoted = steps.find((step) => step.stage === QUOTED_STAGE)
  const hasLines = quoted !== undefined && lines.length > 0
  const campaign = chance(random, 0.3) ? campaignAt(scope, created) : null
  const fields: RecordFields = {
    Name: (options.name ?? `${parent.accountName} - ${pick(random, scope.catalogue).name}`).slice(
      0,
      120,
    ),
    AccountId: parent.accountId,
    Type: options.isFirst ? 'New Customer' : 'Existing Customer - Upgrade',
    LeadSource: parent.source,
    HasOpportunityLineItem: hasLines,
    External_Id__c: `OPP-${String(n).padStart(6, '0')}`,
    ...remarks(scope, steps),
  }
  if (hasLines) {
    fields['Pricebook2Id'] = scope.pricebookId
    fields['TotalOpportunityQuantity'] = lines.reduce((total, line) => total + line.quantity, 0)
  }
  if (campaign !== null) fields['CampaignId'] = campaign.id
  const deal: Deal = { n, id, owner, steps, fields }
  const records = dealRecords(scope, deal)
  if (hasLines) records.push(...lineRecords(scope, deal, lines, quoted))
  if (campaign !== null) countDeal(campaign, steps)
  return { id, owner, steps, records }
}

function remarks(scope: SeedScope, steps: readonly DealStep[]): RecordFields {
  const last = steps.at(-1)?.stage
  if (last === 'Closed Lost') return { Description: pick(scope.random, LOSS_REASONS) }
  if (last === 'Closed Won' || chance(scope.random, 0.5)) return {}
  return { NextStep: pick(scope.random, NEXT_STEPS) }
}

/** Products that add up to about an amount. */
function linesOf({ random, catalogue }: SeedScope, amount: number): Line[] {
  const count = between(random, 1, 3)
  const chosen = new Set(Array.from({ length: count }, () => pick(random, catalogue)))
  return [...chosen].map((entry) => {
    const quantity = Math.max(1, Math.round(amount / chosen.size / entry.price))
    const discount = chance(random, 0.4) ? between(random, 1, 4) * 5 : 0
    const unitPrice = roundHalfUp((entry.price * (100 - discount)) / 100, 2)
    return { entry, quantity, unitPrice, total: roundHalfUp(unitPrice * quantity, 2) }
  })
}

function lineRecords(
  scope: SeedScope,
  deal: Deal,
  lines: readonly Line[],
  quoted: DealStep,
): SeedRecord[] {
  return lines.map(({ entry, quantity, unitPrice, total }, index) =>
    seedRecord(
      'OpportunityLineItem',
      scope.next('OpportunityLineItem').n,
      {
        OpportunityId: deal.id,
        SortOrder: index + 1,
        PricebookEntryId: entry.priceId,
        Product2Id: entry.productId,
        ProductCode: entry.code,
        Name: `${String(deal.fields['Name'])} ${entry.name}`,
        Quantity: quantity,
        UnitPrice: unitPrice,
        ListPrice: entry.price,
        TotalPrice: total,
      },
      { created: quoted.at, modified: quoted.at, createdBy: deal.owner.n },
    ),
  )
}

function countDeal(campaign: RunningCampaign, steps: readonly DealStep[]): void {
  const last = steps.at(-1)
  const amount = last?.amount ?? 0
  const won = last?.stage === 'Closed Won'
  countIn(campaign, 'NumberOfOpportunities', 1)
  countIn(campaign, 'AmountAllOpportunities', amount)
  if (!won) return
  countIn(campaign, 'NumberOfWonOpportunities', 1)
  countIn(campaign, 'AmountWonOpportunities', amount)
}

/** The id of a seller's user. */
export function ownerId(seller: Seller): string {
  return makeId('005', seller.n)
}
