/** Style sheets are Vite's to bundle; importing one gives nothing. */
declare module '*.css'
