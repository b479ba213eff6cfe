/**
 * Whether the users table lasts is judged by what deploys: after Aspects, escape hatches and
 * removal policies, in both directions, and the function is told the same.
 */
import {
  Aspects,
  AspectPriority,
  CfnResource,
  NestedStack,
  RemovalPolicies,
  RemovalPolicy,
  Stack,
  Stage,
  Validations,
  type App,
} from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table, type ITable, type TableProps } from 'aws-cdk-lib/aws-dynamodb';
import type { IConstruct } from 'constructs';
import type { RollcallAuthorizer } from '../../infra/rollcall-authorizer.ts';
import { construct, messagesOf, testApp, variables } from './support/synth.ts';

const ID = 'rollcall:usersTable.ephemeral';
const DURABLE = {
  partitionKey: { name: 'user_id', type: AttributeType.STRING },
  pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
  deletionProtection: true,
};

/** Changes every table of the app, as a guard-rail or a clean-up of somebody else's does. */
function onTables(
  scope: IConstruct,
  change: (table: CfnResource) => void,
  priority?: number,
): void {
  const visit = (node: IConstruct) => {
    if (CfnResource.isCfnResource(node) && /DynamoDB/u.test(node.cfnResourceType)) change(node);
  };
  Aspects.of(scope).add({ visit }, priority === undefined ? {} : { priority });
}

const harden = (table: CfnResource): void => {
  table.applyRemovalPolicy(RemovalPolicy.RETAIN);
  table.addPropertyOverride('DeletionProtectionEnabled', true);
  table.addPropertyOverride('PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled', true);
};

interface Case {
  readonly lasts: boolean;
  readonly build: (stack: Stack) => void;
}

const tableIn = (stack: Stack, props: TableProps = DURABLE): ITable =>
  new Table(stack, 'Users', props) as ITable;

const CASES: Readonly<Record<string, Case>> = {
  'a table that the construct makes': { lasts: true, build: (stack) => construct({}, stack) },
  'RemovalPolicies.of(app).destroy(), added after': {
    lasts: false,
    build: (stack) => {
      construct({}, stack);
      RemovalPolicies.of(stack.node.root).destroy();
    },
  },
  'RemovalPolicies.of(app).destroy(), added before': {
    lasts: false,
    build: (stack) => {
      RemovalPolicies.of(stack.node.root).destroy();
      construct({}, stack);
    },
  },
  "an Aspect on the construct's own tree": {
    lasts: false,
    build: (stack) => RemovalPolicies.of(construct({}, stack)).destroy(),
  },
  'an Aspect of the lowest priority': {
    lasts: false,
    build: (stack) => {
      construct({}, stack);
      const destroy = (table: CfnResource) => table.applyRemovalPolicy(RemovalPolicy.DESTROY);
      onTables(stack, destroy, AspectPriority.READONLY + 500);
    },
  },
  "addOverride('DeletionPolicy', 'Delete')": {
    lasts: false,
    build: (stack) => {
      const { usersTable } = construct({}, stack);
      (usersTable.node.defaultChild as CfnResource).addOverride('DeletionPolicy', 'Delete');
    },
  },
  'an override of its protection': {
    lasts: false,
    build: (stack) => {
      const { usersTable } = construct({}, stack);
      (usersTable.node.defaultChild as CfnResource).addPropertyOverride(
        'Replicas.0.DeletionProtectionEnabled',
        false,
      );
    },
  },
  'a table of theirs that is made before the construct': {
    lasts: false,
    build: (stack) => {
      construct({ usersTable: tableIn(stack) }, stack);
      RemovalPolicies.of(stack).destroy();
    },
  },
  'a bare table that a guard-rail hardens': {
    lasts: true,
    build: (stack) => {
      const { partitionKey } = DURABLE;
      const removalPolicy = RemovalPolicy.DESTROY;
      construct({ usersTable: tableIn(stack, { partitionKey, removalPolicy }) }, stack);
      onTables(stack, harden);
    },
  },
  'a throwaway that a guard-rail retains by override': {
    lasts: true,
    build: (stack) => {
      construct({ usersTable: tableIn(stack) }, stack);
      RemovalPolicies.of(stack).destroy();
      onTables(stack, (table) => table.addOverride('DeletionPolicy', 'Retain'));
    },
  },
  'a table of another stack that is destroyed': {
    lasts: false,
    build: (stack) => {
      const data = new Stack(stack.node.root, 'Data');
      construct({ usersTable: tableIn(data) }, stack);
      RemovalPolicies.of(data).destroy();
    },
  },
};

describe.each(Object.entries(CASES))('%s', (_, { lasts, build }) => {
  it(`is found to ${lasts ? 'last' : 'be lost'}`, () => {
    const stack = new Stack(testApp(), 'Theirs');
    build(stack);
    expect(messagesOf(stack).warnings.includes(ID)).toBe(!lasts);
  });

  it('is told to the function likewise', () => {
    const stack = new Stack(testApp(), 'Theirs');
    build(stack);
    const persistent = variables(Template.fromStack(stack))['USERS_TABLE_PERSISTENT'];
    expect(persistent).toBe(lasts ? undefined : 'false');
  });
});

it('warns where the command line reads: in the assembly', () => {
  const stack = new Stack(testApp(), 'Theirs');
  construct({}, stack);
  RemovalPolicies.of(stack).destroy();
  const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(ID));
  expect(warnings).toHaveLength(1);
});

it('lets the warning be acknowledged from above', () => {
  const stack = new Stack(testApp(), 'Theirs');
  Validations.of(stack).acknowledge({ id: ID, reason: 'A trial.' });
  construct({}, stack);
  RemovalPolicies.of(stack).destroy();
  expect(messagesOf(stack).warnings).not.toContain(ID);
});

it('judges within a Stage', () => {
  const stage = new Stage(testApp(), 'Production');
  const stack = new Stack(stage, 'Theirs');
  construct({}, stack);
  RemovalPolicies.of(stage).destroy();
  (stage.node.root as App).synth();
  const texts = stack.node.findAll().flatMap(({ node }) => node.metadata.map(({ data }) => data));
  expect(texts.join('\n')).toContain(ID);
});

it('judges within a nested stack, whose template is written early', () => {
  const parent = new Stack(testApp(), 'Theirs');
  const nested = new NestedStack(parent, 'Nested');
  const made: RollcallAuthorizer = construct({}, nested);
  RemovalPolicies.of(parent).destroy();
  expect(variables(Template.fromStack(nested))).toMatchObject({ USERS_TABLE_PERSISTENT: 'false' });
  expect(made.node.metadata.map(({ data }) => String(data)).join('\n')).toContain(ID);
});
