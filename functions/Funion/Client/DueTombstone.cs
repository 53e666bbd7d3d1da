using Funion.Bacap;

namespace Funion.Client;

/// <summary>What deletes a box, and when it goes out.</summary>
readonly record struct DueTombstone(Box Box, DateTimeOffset Due);
