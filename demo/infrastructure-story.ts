import { ROOT } from './repositories.ts'
import { addressOf, ending, pullAddressOf, pushed, runStartedBy, SHOP } from './runs.ts'
import type { PlayChapter, Stage } from './story.ts'

interface PullRequest {
  readonly number: number
}

/** A change of infrastructure from its first mistake to what it made. */
export async function playInfrastructure(stage: Stage, chapter: PlayChapter): Promise<void> {
  const { copy, terraform } = stage

  await chapter('Mira pushes a mistake to infra_features', terraform, async () => {
    await copy.git('switch', '--quiet', '--create', 'infra_features')
    await copy.edit(`${ROOT}/terraform.tfvars`, 'app        = {', 'app = {')
    await copy.edit(`${ROOT}/main.tf`, 'module.network.vpc_id', 'module.network.id')
    const run = await pushed(stage, 'infra_features', 'Give the servers their network')
    return { ...ending(run, 'failure'), address: addressOf(stage, run) }
  })
  await chapter('Mira pushes the fix', terraform, async () => {
    await copy.git('checkout', '--quiet', 'main', '--', `${ROOT}/terraform.tfvars`, `${ROOT}/main.tf`)
    await copy.edit(`${ROOT}/terraform.tfvars`, 'root_volume_gib = 40', 'root_volume_gib = 60')
    const run = await pushed(stage, 'infra_features', 'Name the network by its id, and give the metrics more room')
    return { ...ending(run, 'success'), address: addressOf(stage, run) }
  })
  let number = 0
  await chapter('Mira opens a pull request to infra_main', `${terraform}, embedded prices`, async () => {
    const run = await runStartedBy(stage, 'pull_request', async () => {
      const pull = await stage.mira.call<PullRequest>('POST', `${SHOP}/pulls`, {
        title: 'Bring up the development environment',
        head: 'infra_features',
        base: 'infra_main',
        body: 'The network, the first two servers and their names.\n\n- [x] validated\n- [ ] reviewed',
      })
      number = pull.number
    })
    const asked = { words: '2 comments', holds: commentsOf(stage, number).length === 2 }
    return { ...ending(run, 'success', asked), address: pullAddressOf(stage, number) }
  })
  await chapter('Mira pushes again, and the comments follow', `${terraform}, embedded prices`, async () => {
    await copy.edit(`${ROOT}/terraform.tfvars`, '"t3.small"', '"t3.medium"')
    const before = commentsOf(stage, number)
    const run = await pushed(stage, 'infra_features', 'Give the application more memory', 'pull_request')
    const isSame = before.join() === commentsOf(stage, number).join()
    const asked = { words: 'the same 2 comments', holds: isSame }
    return { ...ending(run, 'success', asked), address: pullAddressOf(stage, number) }
  })
  await chapter(
    'Jonas reviews and merges',
    stage.noApply === undefined ? `${terraform}, moto as AWS` : 'apply not run',
    async goOn => {
      if (stage.noApply !== undefined)
        await stage.jonas.call('PUT', `${SHOP}/actions/workflows/terraform-apply.yml/disable`)
      await stage.jonas.call('POST', `${SHOP}/pulls/${number}/reviews`, {
        event: 'APPROVE',
        body: 'Prices and plan are what we agreed on.',
      })
      const merge = () => stage.jonas.call('PUT', `${SHOP}/pulls/${number}/merge`, { merge_method: 'merge' })
      if (stage.noApply !== undefined) {
        await merge()
        stage.print(`  ○ apply: not run, since ${stage.noApply}`)
        return { result: 'merged', isAsTold: true, address: pullAddressOf(stage, number) }
      }
      const run = await runStartedBy(stage, 'push', merge, goOn)
      return { ...ending(run, 'success', { words: 'merged and applied', holds: true }), address: addressOf(stage, run) }
    },
  )
}

/** Their ids. */
function commentsOf(stage: Stage, number: number): number[] {
  return stage.github.store.comments.filter(comment => comment.issueNumber === number).map(comment => comment.id)
}
