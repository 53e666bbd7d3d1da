using System.Numerics;

namespace Funion.Tests.Private.Hidden;

/// <summary>
/// A word that notes what is done with it and throws when anything but arithmetic is. Public amounts of shifts are part of the note, values are not: two runs whose notes are alike did
/// the same whatever the values were.
/// </summary>
/// <param name="value">What a test puts in, and takes out again.</param>
readonly struct SecretWord(long value)
    : IAdditionOperators<SecretWord, SecretWord, SecretWord>, ISubtractionOperators<SecretWord, SecretWord, SecretWord>, IUnaryNegationOperators<SecretWord, SecretWord>,
        IBitwiseOperators<SecretWord, SecretWord, SecretWord>, IShiftOperators<SecretWord, int, SecretWord>
{
    [ThreadStatic]
    static List<(char Operation, int Amount)>? s_trace;

    readonly long _value = value;

    public static SecretWord operator +(SecretWord x, SecretWord y) => Note('+', unchecked(x._value + y._value));

    public static SecretWord operator -(SecretWord x, SecretWord y) => Note('-', unchecked(x._value - y._value));

    public static SecretWord operator -(SecretWord x) => Note('n', unchecked(-x._value));

    public static SecretWord operator &(SecretWord x, SecretWord y) => Note('&', x._value & y._value);

    public static SecretWord operator |(SecretWord x, SecretWord y) => Note('|', x._value | y._value);

    public static SecretWord operator ^(SecretWord x, SecretWord y) => Note('^', x._value ^ y._value);

    public static SecretWord operator ~(SecretWord x) => Note('~', ~x._value);

    public static SecretWord operator <<(SecretWord x, int amount) => Note('l', x._value << amount, amount);

    public static SecretWord operator >>(SecretWord x, int amount) => Note('r', x._value >> amount, amount);

    public static SecretWord operator >>>(SecretWord x, int amount) => Note('u', x._value >>> amount, amount);

    /// <summary>Secrets of values.</summary>
    public static SecretWord[] Of(IEnumerable<long> values) => [.. values.Select(value => new SecretWord(value))];

    /// <summary>Runs something and gives what it did with secrets.</summary>
    public static List<(char Operation, int Amount)> Trace(Action run)
    {
        s_trace = [];
        run();
        return s_trace;
    }

    /// <summary>The value: for the test, once all is over.</summary>
    public long Reveal() => _value;

    public override bool Equals(object? other) => throw new LeakException();

    public override int GetHashCode() => throw new LeakException();

    public override string ToString() => throw new LeakException();

    static SecretWord Note(char operation, long value, int amount = 0)
    {
        s_trace?.Add((operation, amount));
        return new SecretWord(value);
    }

    /// <summary>A secret was looked at.</summary>
    public sealed class LeakException : Exception;
}
