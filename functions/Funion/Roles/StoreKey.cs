namespace Funion.Roles;

/// <summary>Where a value lies in a <see cref="BoxStore"/>: what kind of thing, in which epoch, under which name.</summary>
/// <param name="Shelf">Kind of value, lower-case letters and hyphens: a blob container per shelf and epoch.</param>
/// <param name="Epoch">Epoch after whose end the whole shelf is deleted; 0 for what is deleted one by one.</param>
/// <param name="Name">Lower-case hex and '/', '-': a blob name. Never holds a secret.</param>
public readonly record struct StoreKey(string Shelf, long Epoch, string Name);
