import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Histogram } from '../../../kit/stats/histogram.ts'

const SHARES = [0, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1]

function histogramOf(samples: readonly number[], resolution = 1): Histogram {
  const histogram = new Histogram(resolution)
  for (const sample of samples) histogram.record(sample)
  return histogram
}

/** By sorting everything: what a histogram must come close to. */
function exactQuantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((one, other) => one - other)
  return sorted[Math.max(0, Math.ceil(share * sorted.length - 1e-9) - 1)]!
}

function figures(histogram: Histogram): readonly number[] {
  const { count, least, greatest } = histogram
  return [count, least, greatest, ...SHARES.map(share => histogram.quantile(share))]
}

describe('a percentile', () => {
  it('is exactly the sample of its rank up to 2,047 steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_047 }), { minLength: 1 }), samples => {
        const histogram = histogramOf(samples)
        for (const share of SHARES) expect(histogram.quantile(share)).toBe(exactQuantile(samples, share))
      }),
    )
  })

  it('is within the stated relative error of the sample of its rank, however large that is', () => {
    const any = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 2 ** 31 }), fc.maxSafeNat())
    fc.assert(
      fc.property(fc.array(any, { minLength: 1 }), samples => {
        const histogram = histogramOf(samples)
        for (const share of SHARES) {
          const exact = exactQuantile(samples, share)
          expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(exact * Histogram.RELATIVE_ERROR)
        }
      }),
    )
  })

  it('keeps its error for fractions too, half a step of the resolution apart', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1 }), samples => {
        const histogram = histogramOf(samples, 0.001)
        for (const share of SHARES) {
          const exact = exactQuantile(samples, share)
          const allowed = exact * Histogram.RELATIVE_ERROR + 0.001
          expect(Math.abs(histogram.quantile(share) - exact)).toBeLessThanOrEqual(allowed)
        }
      }),
    )
  })

  it('never lies outside of what was measured, and never falls as its share grows', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1 }), samples => {
        const histogram = histogramOf(samples)
        const values = SHARES.map(share => histogram.quantile(share))
        expect(values).toEqual([...values].sort((one, other) => one - other))
        expect(values[0]).toBeGreaterThanOrEqual(histogram.least)
        expect(values.at(-1)).toBe(histogram.greatest)
      }),
    )
  })

  it.each([2_047, 2_048, 4_095, 4_096, 2 ** 31 - 1, 2 ** 31, 2 ** 40 - 1, 2 ** 40, Number.MAX_SAFE_INTEGER])(
    'of two samples of %i is that sample, at the borders of the buckets too',
    sample => expect(histogramOf([sample, sample]).quantile(0.5)).toBe(sample),
  )

  it('takes rank 19 for p95 of 20 samples, though 0.95 is a little more than that in binary', () => {
    expect(histogramOf(Array.from({ length: 20 }, (_, index) => index + 1)).quantile(0.95)).toBe(19)
  })
})

it('the histograms of any parts add up to the histogram of the whole', () => {
  const part = fc.array(fc.integer({ min: 0, max: 100_000_000 }))
  fc.assert(
    fc.property(fc.array(part), parts => {
      const merged = new Histogram(1)
      for (const samples of parts) merged.add(histogramOf(samples))
      expect(figures(merged)).toEqual(figures(histogramOf(parts.flat())))
      const mean = parts.flat().reduce((sum, sample) => sum + sample, 0) / parts.flat().length
      if (parts.flat().length > 0) expect(merged.mean).toBeCloseTo(mean, 3)
    }),
  )
})

it('without samples every figure is NaN, which keeps no limit', () => {
  const { least, greatest, mean } = new Histogram(1)
  expect([least, greatest, mean, new Histogram(1).quantile(0.95)]).toEqual([NaN, NaN, NaN, NaN])
})

it.each([NaN, -1, Infinity])('%d is no sample', sample => {
  expect(() => new Histogram(1).record(sample)).toThrow(RangeError)
})

it('histograms of different resolutions do not add up', () => {
  expect(() => new Histogram(1).add(new Histogram(0.001))).toThrow('0.001 ms into 1 ms')
})
