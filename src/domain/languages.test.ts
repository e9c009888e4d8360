import { describe, expect, test } from '@jest/globals';
import { chooseLanguage, languageChain, languageFor, shortLocale, textDirection } from './languages.js';

const available = ['en', 'de', 'pt-BR'];

test.each([
  ['', 'en'],
  ['*', 'en'],
  ['fr', 'en'],
  ['de', 'de'],
  ['de-AT, en;q=0.8', 'de-AT'],
  ['de-de-1996, en', 'de-DE'],
  ['fr-CH, fr;q=0.9, en-gb;q=0.8, de;q=0.7', 'en-GB'],
  ['en;q=0.3, de;q=0.7', 'de'],
  ['de;q=0, en', 'en'],
  ['de;q=0, de-AT', 'en'],
  ['en;q=0, fr, de;q=0.001', 'de'],
  ['DE ; Q=0.5, fr;q=1.000', 'de'],
  ['pt-br', 'pt-BR'],
  ['pt', 'pt'],
  ['pt-PT', 'en'],
  ['de;q=x', 'en'],
  ['not a language!, de', 'de'],
])('Accept-Language "%s" is answered in %s', (header, locale) => {
  expect(chooseLanguage({ header }, available)).toBe(locale);
});

describe('who decides', () => {
  test.each([
    [{ person: 'de', form: 'en', header: 'en' }, 'de'],
    [{ person: null, form: 'de', header: 'en' }, 'de'],
    [{ person: 'fr', form: 'de', header: 'en' }, 'de'],
    [{ person: 'fr', form: '', header: 'de' }, 'de'],
    [{ person: 'en_US', form: '<script>', header: 'de-AT' }, 'de-AT'],
    [{ person: 'de', header: 'de;q=0, en' }, 'de'],
    [{}, 'en'],
  ])('%j → %s', (wishes, locale) => expect(chooseLanguage(wishes, available)).toBe(locale));
});

test('a language serves those that are near to it', () => {
  expect(languageChain('zh-Hant-TW')).toEqual(['zh-Hant-TW', 'zh-Hant', 'zh']);
  expect(languageFor('zh-Hant-TW', ['en', 'zh', 'zh-Hant'])).toBe('zh-Hant');
  expect(languageFor('pt', available)).toBe('pt-BR');
  expect(languageFor('pt-PT', available)).toBeUndefined();
  expect(languageFor('e', available)).toBeUndefined();
});

test('a locale keeps language, script and region', () => {
  expect(shortLocale('sr-cyrl-rs-u-nu-latn')).toBe('sr-Cyrl-RS');
  expect(shortLocale('de_AT')).toBeNull();
});

test('text direction', () => {
  expect([textDirection('ar-EG'), textDirection('he'), textDirection('en')]).toEqual(['rtl', 'rtl', 'ltr']);
});
