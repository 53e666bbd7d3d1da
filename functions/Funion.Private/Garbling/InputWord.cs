namespace Funion.Private.Garbling;

/// <summary>A value that enters a circuit as bits <paramref name="First"/> to <paramref name="First"/> + <paramref name="Bits"/> − 1 of a word.</summary>
readonly record struct InputWord(int First, int Bits);
