import { ActionError } from '../errors.ts'
import type { Exec, Ports } from '../ports.ts'
import { ISSUE_BUDGET } from '../report/budget.ts'

type Posting = Pick<Ports, 'comments' | 'issues' | 'statuses' | 'checks' | 'deployments' | 'labels' | 'summary'>
type Asking = Pick<Ports, 'commits' | 'repository' | 'pullRequests' | 'workflowRuns' | 'identity'>

/** Prints what would be posted. `print` gets what it is and its text. */
export function printingPorts(print: (what: string, text: string) => void): Posting {
  return {
    comments: {
      async upsert({ issueNumber, body }) {
        for (const text of [body({ bytes: 262_144, characters: Infinity })].flat())
          print(`Comment on pull request #${issueNumber}`, text)
        return { url: '', outcome: 'created' }
      },
    },
    issues: {
      async raise({ title, body }) {
        print(`Issue: ${title}`, body(ISSUE_BUDGET))
        return { url: '', outcome: 'opened' }
      },
      async resolve({ comment }) {
        print('Issue closed, if it is open', comment)
        return { url: '', outcome: 'closed' }
      },
    },
    summary: {
      write: async markdown => print('Report', markdown),
      remaining: async () => 1024 * 1024,
    },
    statuses: {
      set: async ({ context, state, description }) => print('Commit status', `${context}: ${state}, ${description}`),
    },
    checks: {
      progress: async () => undefined,
      async complete({ name, conclusion, title, summary }) {
        print(`Check ${name}: ${conclusion}`, `${title}\n\n${summary}`)
        return { url: '' }
      },
      own: async () => [],
    },
    deployments: {
      deployedSha: async () => undefined,
      lastSuccess: async () => undefined,
      async create({ environment, ref }) {
        print('Deployment', `${ref} to ${environment}`)
        return { id: 0 }
      },
      setStatus: async (_, state, { description = '' }) => print('Deployment status', `${state} ${description}`.trim()),
    },
    labels: {
      add: async (issueNumber, label) => print('Label', `add ${label} to #${issueNumber}`),
      remove: async (issueNumber, label) => print('Label', `remove ${label} from #${issueNumber}`),
    },
  }
}

export function absentPorts(): Asking {
  const askGitHub = () =>
    Promise.reject(
      new ActionError('this needs GitHub, which a terminal without a token does not ask', {
        hint: 'Give --github-token (SLIPWAY_GITHUB_TOKEN) in a checkout of the repository, or run it in a workflow',
      }),
    )
  return {
    commits: { commit: askGitHub },
    repository: {
      mergedPullRequests: askGitHub,
      successfulRuns: askGitHub,
      runsAt: askGitHub,
      treeOf: askGitHub,
      changedFiles: askGitHub,
      compare: askGitHub,
      hasRequiredReviewers: askGitHub,
      labels: askGitHub,
      readFile: askGitHub,
      readFolder: askGitHub,
    },
    pullRequests: {
      read: askGitHub,
      commits: askGitHub,
      changedFiles: askGitHub,
      comment: askGitHub,
      labelledBy: askGitHub,
      permissionOf: askGitHub,
      react: askGitHub,
      approvals: askGitHub,
      dismissApproval: askGitHub,
    },
    workflowRuns: { rerunFailed: askGitHub },
    identity: {
      token: () =>
        Promise.reject(
          new ActionError('a terminal has no identity of a job', { hint: 'Give the credentials themselves instead' }),
        ),
    },
  }
}

/** What the runner would say of the checkout in `folder`; empty outside of one. */
export async function gitVariables(exec: Exec, folder: string): Promise<Record<string, string>> {
  const git = async (...args: string[]) => {
    const { exitCode, stdout } = await exec.run({ file: 'git', args, cwd: folder, okExitCodes: [0, 1, 2, 128] })
    return exitCode === 0 ? stdout.trim() : ''
  }
  try {
    const remote = /[/:]([^/:]+\/[^/]+?)(?:\.git)?\/?$/.exec(await git('remote', 'get-url', 'origin'))
    return {
      GITHUB_SHA: await git('rev-parse', '--verify', '--quiet', 'HEAD'),
      GITHUB_REF: await git('symbolic-ref', '--quiet', 'HEAD'),
      GITHUB_REPOSITORY: remote?.[1] ?? '',
    }
  } catch {
    return {}
  }
}
