import { join } from 'node:path'
import { findBinaries, providerEnvironment } from '../__tests__/kit/terraform/binaries.ts'
import { makeShape } from '../__tests__/kit/terraform/make-shape.ts'
import { FIXTURES, isHandMade, shapeNames, STEPS } from '../__tests__/kit/terraform/shapes.ts'
import { ASPECTS } from './plan-parity/compare.ts'
import { recordedShapes, scoreShape, type Scored } from './plan-parity/corpus.ts'

/**
 * How often our reading of a plan agrees with the text that Terraform and OpenTofu print of it for people.
 *   npm run bench:plan-parity              over the recorded plans
 *   npm run bench:plan-parity -- --again   plans every shape again with the binaries that are there
 */

const scored = process.argv.includes('--again') ? await planAgain() : recordedShapes().map(scoreShape)
print(scored)
const agreed = scored.filter(({ disagreements }) => disagreements.length === 0).length
console.log(`${agreed} of ${scored.length} shapes agree`)
if (agreed < scored.length || scored.length === 0) process.exitCode = 1

async function planAgain(): Promise<readonly Scored[]> {
  const environment = await providerEnvironment()
  return (await findBinaries()).flatMap(binary =>
    shapeNames()
      .filter(shape => !isHandMade(shape) && (STEPS[shape]?.only ?? binary.name) === binary.name)
      .map(shape => {
        const made = makeShape(join(FIXTURES, shape), STEPS[shape] ?? {}, binary, environment)
        return scoreShape({ shape, binary: binary.name, handMade: false, ...made })
      }),
  )
}

function print(rows: readonly Scored[]): void {
  console.log(`${'shape'.padEnd(32)}${'made by'.padEnd(12)}${'agrees on'.padEnd(12)}disagreements`)
  for (const { shape, binary, handMade, sources, disagreements } of rows) {
    const aspects = new Set(disagreements.map(({ aspect }) => aspect))
    const agrees = `${ASPECTS.length - aspects.size}/${ASPECTS.length}`
    const told = disagreements.map(({ source, aspect, difference }) => `${source} ${aspect}: ${difference}`)
    console.log(
      `${shape.padEnd(32)}${(handMade ? 'hand' : binary).padEnd(12)}${agrees.padEnd(6)}${sources.padEnd(6)}${told.join('; ')}`,
    )
  }
}
