/** Everything that stands on repositories and git: pull requests, checks, deployments, runs, releases. */
import { enforceBranchRules } from '../branch-protection.ts'
import type { Routes } from '../context.ts'
import type { Core } from '../core.ts'
import type { Downloads } from '../downloads.ts'
import { trackPullRequests } from '../pull-requests.ts'
import { artifactRoutes } from './artifacts.ts'
import { branchRulePartRoutes } from './branch-rule-parts.ts'
import { branchRuleRoutes } from './branch-rules.ts'
import { checkRoutes } from './checks.ts'
import { commentRoutes } from './comments.ts'
import { deploymentRoutes } from './deployments.ts'
import { environmentRoutes } from './environments.ts'
import { issueRoutes } from './issues.ts'
import { labelRoutes } from './labels.ts'
import { pullRoutes } from './pulls.ts'
import { releaseAssetRoutes } from './release-assets.ts'
import { releaseRoutes } from './releases.ts'
import { reviewCommentRoutes } from './review-comments.ts'
import { reviewRoutes } from './reviews.ts'
import { secretsVariablesRoutes } from './secrets-variables.ts'
import { statusRoutes } from './statuses.ts'
import { timelineRoutes } from './timeline.ts'
import { workflowRunRoutes } from './workflow-runs.ts'
import { workflowRoutes } from './workflows.ts'

/** To be called once a server: it also listens to refs and asks to judge them. */
export function createFeatureRoutes(core: Core, downloads: Downloads): readonly Routes[] {
  enforceBranchRules(core)
  const pulls = trackPullRequests(core)
  return [
    pullRoutes(pulls),
    issueRoutes(pulls),
    commentRoutes,
    labelRoutes,
    reviewRoutes,
    reviewCommentRoutes,
    timelineRoutes,
    statusRoutes,
    checkRoutes,
    deploymentRoutes,
    environmentRoutes,
    workflowRoutes,
    workflowRunRoutes(downloads),
    artifactRoutes(downloads),
    secretsVariablesRoutes,
    releaseRoutes,
    releaseAssetRoutes(downloads),
    branchRuleRoutes,
    branchRulePartRoutes,
  ]
}
