import {
  keepPreviousData,
  queryOptions,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react'
import {
  type CommandName,
  commands,
  type OutputOf,
  type ProgressOf,
  type QueryName,
  type RawInputOf,
} from '../../contract/commands.ts'
import { UserError } from '../../contract/errors.ts'
import type { CallOptions } from '../../contract/protocol.ts'
import { useToasts } from '../dialogs/toasts.tsx'
import type { Connection, ConnectionState } from './connection.ts'

const ConnectionContext = createContext<Connection | null>(null)

export function ConnectionProvider(props: { connection: Connection; children: ReactNode }) {
  return <ConnectionContext value={props.connection}>{props.children}</ConnectionContext>
}

export function useConnection(): Connection {
  const connection = useContext(ConnectionContext)
  if (!connection) throw new Error('There is no connection above this component.')
  return connection
}

export function useConnectionState(): ConnectionState {
  const connection = useConnection()
  return useSyncExternalStore(connection.onState, connection.state)
}

type Asked = QueryName | 'host'

/** The one way an answer is cached: by the command's name and its input. */
export function answerOptions<Name extends Asked>(
  connection: Connection,
  name: Name,
  input: RawInputOf<Name>,
) {
  return queryOptions<OutputOf<Name>>({
    queryKey: [name, input],
    queryFn: ({ signal }) => connection.call(name, input, { signal }),
  })
}

interface AnswerOptions {
  enabled?: boolean
  /** Shows the last answer while the input changes. */
  keepPrevious?: boolean
}

export function useAnswer<Name extends Asked>(
  name: Name,
  input: RawInputOf<Name>,
  { enabled = true, keepPrevious = false }: AnswerOptions = {},
): UseQueryResult<OutputOf<Name>> {
  const connection = useConnection()
  const options = answerOptions(connection, name, input)
  const shared = { queryKey: options.queryKey, queryFn: options.queryFn, enabled }
  return useQuery(
    (keepPrevious ? { ...shared, placeholderData: keepPreviousData } : shared) as typeof options,
  )
}

type Changing = Exclude<CommandName, Asked>

/** Called also when the component that asked is gone. */
interface Followers<Name extends Changing> {
  /** Returns what to do at the end, whether it succeeded or not. */
  onStart?: () => () => void
  /** Before anything is asked again. */
  onSuccess?: (output: OutputOf<Name>, input: RawInputOf<Name>) => void
}

/** A change: afterwards what it makes stale is asked again, and an error becomes a toast. */
export function useChange<Name extends Changing>(
  name: Name,
  { onStart, onSuccess }: Followers<Name> = {},
) {
  const connection = useConnection()
  const queryClient = useQueryClient()
  const toasts = useToasts()
  return useMutation({
    mutationFn: ({
      input,
      ...options
    }: { input: RawInputOf<Name> } & CallOptions<ProgressOf<Name>>) =>
      connection.call(name, input, options),
    onMutate: () => onStart?.(),
    onSuccess: (output, { input }) => onSuccess?.(output, input),
    onError: (error) => {
      if (!isCancelled(error)) toasts.showError(error)
    },
    onSettled: (_output, _error, _input, end) => {
      end?.()
      for (const stale of commands[name].stale) {
        void queryClient.invalidateQueries({ queryKey: [stale] })
      }
    },
  })
}

const isCancelled = (error: unknown): boolean =>
  error instanceof UserError && error.code === 'cancelled'
