import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// `npm run dev` stands where the proxy stands: it sends /api to the backend.
export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
})
