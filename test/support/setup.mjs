// @nestjs/throttler is CommonJS and requires these ES modules; Jest can do that only when they are loaded already.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
