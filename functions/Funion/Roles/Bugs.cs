using System.Security.Cryptography;

namespace Funion.Roles;

/// <summary>
/// The exceptions that mean a bug of ours which one message, or one job, has found. It must not end the node for all others: the message goes, and is
/// counted. Anything else, memory that has run out above all, ends the process.
/// </summary>
static class Bugs
{
    public static bool IsOne(Exception error) => error is ArithmeticException or ArgumentException or InvalidOperationException or FormatException
        or IndexOutOfRangeException or InvalidCastException or NullReferenceException or CryptographicException;
}
