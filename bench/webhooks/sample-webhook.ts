/** The 18-character id of the nth record of the benchmark. */
export function recordId(n: number): string {
  return `001${n.toString(36).toUpperCase().padStart(12, '0')}AAA`
}

/** What an org sends for a change of one record: some 400 bytes. */
export function sampleWebhook(objectType: string, n: number): string {
  const id = recordId(n)
  return JSON.stringify({
    event_type: `${objectType}.updated`,
    ids: [id],
    changedFields: ['Name', 'Industry', 'AnnualRevenue'],
    eventDate: new Date().toISOString(),
    record: {
      Id: id,
      Name: `Acme ${n}`,
      Industry: 'Manufacturing',
      AnnualRevenue: 1_250_000.5,
      BillingCity: 'Oslo',
      BillingCountry: 'Norway',
      Phone: '+47 22 00 00 00',
      LastModifiedDate: '2025-11-26T08:00:00.000+0000',
    },
  })
}
