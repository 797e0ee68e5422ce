declare module '*.css';
// made by build.mjs
declare module 'fields:' {
    /** By decoder and field: unit and meaning; or the name of the decoder with the same fields. */
    const fields: Record<string, string | Record<string, [unit: string, meaning: string]>>;
    export default fields;
}
