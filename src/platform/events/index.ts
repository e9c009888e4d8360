export { appendEvents, copyEvents, type EventType, type NewEvent } from './events.js';
