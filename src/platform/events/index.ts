export { appendEvents, type EventType, type NewEvent } from './events.js';
