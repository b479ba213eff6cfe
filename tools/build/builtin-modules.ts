/**
 * An esbuild plug-in: Node's own modules are reached by `process.getBuiltinModule` and not by
 * `import`. To make an ES module of a built-in one, Node reads every property that it has, and some
 * are getters behind which it keeps what it loads late: `node:http` has undici's `WebSocket`,
 * `node:process` its reports, `node:fs` its streams and promises. That is a fifth of the
 * initialisation on Node 24. Nothing of Node changes: what a dependency uses, it gets.
 *
 * @see https://nodejs.org/api/process.html#processgetbuiltinmoduleid
 */
import type { Plugin } from 'esbuild';
import { builtinModules } from 'node:module';

const STATIC = 'builtin-module';
const DYNAMIC = 'builtin-module-at-once';

/** Of the modules that the bundle imports, only the names in use are read. */
export const lazyBuiltinModules: Plugin = {
  name: 'lazy-builtin-modules',
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?[a-z_]+(?:\/[a-z]+)?$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/u, '');
      if (!builtinModules.includes(name)) return undefined;
      const namespace = kind === 'import-statement' ? STATIC : DYNAMIC;
      return { path: name, namespace, sideEffects: false };
    });
    build.onLoad({ filter: /.*/, namespace: STATIC }, async ({ path }) => ({
      contents: await staticModule(path),
    }));
    build.onLoad({ filter: /.*/, namespace: DYNAMIC }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/**
 * An export for each name that the module has; those that nobody imports are shaken off. The
 * module as a whole (its default export) is loaded when a member of it is first asked for.
 */
async function staticModule(name: string): Promise<string> {
  const module = (await import(`node:${name}`)) as Readonly<Record<string, unknown>>;
  const names = Object.keys(module).filter((key) => key !== 'default' && key !== 'module.exports');
  return [
    `const load = () => process.getBuiltinModule(${JSON.stringify(name)});`,
    'const member = (name) => load()[name];',
    typeof module['default'] === 'function'
      ? 'export default /* @__PURE__ */ load();'
      : 'export default /* @__PURE__ */ new Proxy({}, { get: (_, name) => member(name) });',
    ...names.map((key) => `export const ${key} = /* @__PURE__ */ member(${JSON.stringify(key)});`),
  ].join('\n');
}
