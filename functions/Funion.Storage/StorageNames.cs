using Funion.Roles;

namespace Funion.Storage;

/// <summary>
/// Names of containers and queues. Azure allows 3 to 63 lower-case letters, digits and single hyphens, first and last no hyphen.
/// A container is <c>prefix-shelf-epoch</c>, a queue <c>prefix-queue</c>. Every implementation refuses what Azure would refuse.
/// </summary>
static class StorageNames
{
    public const int MaxPrefix = 24;

    public static void Check(StoreKey key)
    {
        Check(key.Shelf, key.Epoch);
        // 1,024 characters is the limit for the name of a blob.
        if (string.IsNullOrEmpty(key.Name) || key.Name.Length > 1024)
        {
            throw new ArgumentException("The name is empty or too long.", nameof(key));
        }
    }

    public static void Check(string shelf, long epoch)
    {
        // 63 less a prefix, two hyphens and the 19 digits of an epoch.
        CheckLabel(shelf, 63 - MaxPrefix - 2 - 19);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
    }

    public static void CheckQueue(string queue) => CheckLabel(queue, 63 - MaxPrefix - 1);

    public static string CheckPrefix(string prefix)
    {
        CheckLabel(prefix, MaxPrefix);
        return prefix;
    }

    public static bool IsPrefix(string prefix) => IsLabel(prefix, MaxPrefix);

    static bool IsLabel(string label, int most) => label.Length > 0 && label.Length <= most && label[0] != '-' && label[^1] != '-'
        && !label.Contains("--", StringComparison.Ordinal) && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    static void CheckLabel(string label, int most)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        if (!IsLabel(label, most))
        {
            throw new ArgumentException($"'{label}' is not 1 to {most} lower-case letters, digits and single hyphens.", nameof(label));
        }
    }
}
