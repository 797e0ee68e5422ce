/** Events with types. `on` returns the function that ends it. */
export class Emitter<E extends object> {
    private readonly listeners = new Map<keyof E, Set<(value: never) => void>>();

    on<K extends keyof E>(event: K, fn: (value: E[K]) => void): () => void {
        let set = this.listeners.get(event);
        if (!set) this.listeners.set(event, (set = new Set()));
        set.add(fn as (value: never) => void);
        return () => set.delete(fn as (value: never) => void);
    }

    protected emit<K extends keyof E>(event: K, value: E[K]): void {
        for (const fn of [...(this.listeners.get(event) ?? [])]) (fn as (value: E[K]) => void)(value);
    }
}
