// The compiler must refuse this file: a task id is a string.
import { createTRPCClient, httpLink } from '@trpc/client';
import type { AppRouter } from './router.js';

const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: 'http://127.0.0.1:3000/trpc' })] });
export const wrong = client.task.accept.mutate({ task_id: 42 });
