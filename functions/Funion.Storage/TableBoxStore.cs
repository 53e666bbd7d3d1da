using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;
using Funion.Roles;

namespace Funion.Storage;

/// <summary>
/// A <see cref="BoxStore"/> for small values that are many, above all replay tags, on Azure Table Storage: an entity costs a hundredth of what a blob's
/// write does. A table for each epoch of a shelf, made with its first value and deleted whole, unread; names are spread over partitions by their
/// first two characters; the ETag is the version. A value has at most <see cref="LargestValue"/> bytes, a name 500 characters.
/// </summary>
public sealed class TableBoxStore : BoxStore
{
    /// <summary>Most bytes of a value: a binary property of an entity.</summary>
    public const int LargestValue = 60 << 10;

    const int LargestName = 500;
    const string Value = "v";

    readonly TableServiceClient _service;
    readonly string _prefix;
    readonly ConcurrentDictionary<(string Shelf, long Epoch), TableClient> _tables = [];

    /// <param name="service">From <see cref="StorageClients"/>, or made with its options.</param>
    /// <param name="prefix">What the node's tables begin with: at most 24 lower-case letters, digits and single hyphens.</param>
    public TableBoxStore(TableServiceClient service, string prefix)
    {
        ArgumentNullException.ThrowIfNull(service);
        _service = service;
        _prefix = StorageNames.CheckPrefix(prefix);
    }

    /// <inheritdoc/>
    public override async ValueTask<PutOutcome> PutIfAbsentAsync(StoreKey key, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        TableEntity entity = Entity(key, value);
        TableClient table = Table(key.Shelf, key.Epoch);
        try
        {
            try
            {
                await table.AddEntityAsync(entity, cancellation);
                return PutOutcome.Created;
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                await table.CreateIfNotExistsAsync(cancellation);
                await table.AddEntityAsync(entity, cancellation);
                return PutOutcome.Created;
            }
        }
        catch (RequestFailedException e) when (e.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            return PutOutcome.Exists;
        }
        catch (RequestFailedException e) when (e.Status == 507)
        {
            return PutOutcome.Full;
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<StoredValue?> GetAsync(StoreKey key, CancellationToken cancellation)
    {
        (string partition, string row) = Place(key);
        NullableResponse<TableEntity>? got = await StorageFailure.NullIfGoneAsync(
            Table(key.Shelf, key.Epoch).GetEntityIfExistsAsync<TableEntity>(partition, row, cancellationToken: cancellation), cancellation);
        return got is { HasValue: true } ? new StoredValue(got.Value!.GetBinary(Value) ?? [], got.Value.ETag.ToString()) : null;
    }

    /// <inheritdoc/>
    public override async ValueTask<PutOutcome> ReplaceIfUnchangedAsync(
        StoreKey key, ReadOnlyMemory<byte> value, string version, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        TableEntity entity = Entity(key, value);
        try
        {
            await Table(key.Shelf, key.Epoch).UpdateEntityAsync(entity, new ETag(version), TableUpdateMode.Replace, cancellation);
            return PutOutcome.Created;
        }
        catch (RequestFailedException e) when (e.Status == 412 || StorageFailure.IsGone(e))
        {
            return PutOutcome.Exists;
        }
        catch (Exception e) when (StorageFailure.Is(e, cancellation))
        {
            throw StorageFailure.Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> DeleteAsync(StoreKey key, CancellationToken cancellation)
    {
        (string partition, string row) = Place(key);
        Response? deleted = await StorageFailure.NullIfGoneAsync(
            Table(key.Shelf, key.Epoch).DeleteEntityAsync(partition, row, ETag.All, cancellation), cancellation);
        return deleted is { Status: not 404 };
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<string> ListAsync(
        string shelf, long epoch, string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StorageNames.Check(shelf, epoch);
        ArgumentNullException.ThrowIfNull(prefix);
        string? filter = prefix.Length < 2 ? null : TableClient.CreateQueryFilter($"PartitionKey eq {Encode(prefix[..2])}");
        AsyncPageable<TableEntity> entities = Table(shelf, epoch).QueryAsync<TableEntity>(filter, select: ["PartitionKey", "RowKey"], cancellationToken: cancellation);
        // The service's order is that of encoded names.
        SortedSet<string> names = new(StringComparer.Ordinal);
        await foreach (TableEntity entity in StorageFailure.Guard(entities, cancellation))
        {
            string name = Decode(entity.RowKey);
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                names.Add(name);
            }
        }
        foreach (string name in names)
        {
            yield return name;
        }
    }

    /// <inheritdoc/>
    public override async IAsyncEnumerable<long> ListEpochsAsync(string shelf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        StorageNames.Check(shelf, 0);
        string begins = TableName(_prefix, shelf), after = begins[..^1] + (char)(begins[^1] + 1);
        AsyncPageable<TableItem> tables = _service.QueryAsync(
            TableServiceClient.CreateQueryFilter($"TableName ge {begins} and TableName lt {after}"), cancellationToken: cancellation);
        SortedSet<long> epochs = [];
        await foreach (TableItem table in StorageFailure.Guard(tables, cancellation))
        {
            if (table.Name.StartsWith(begins, StringComparison.Ordinal)
                && long.TryParse(table.Name.AsSpan(begins.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long epoch))
            {
                epochs.Add(epoch);
            }
        }
        foreach (long epoch in epochs)
        {
            // A table outlives its last value.
            AsyncPageable<TableEntity> any = Table(shelf, epoch).QueryAsync<TableEntity>(maxPerPage: 1, select: ["RowKey"], cancellationToken: cancellation);
            await foreach (TableEntity _ in StorageFailure.Guard(any, cancellation))
            {
                yield return epoch;
                break;
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DeleteEpochAsync(string shelf, long epoch, CancellationToken cancellation)
    {
        StorageNames.Check(shelf, epoch);
        await StorageFailure.NullIfGoneAsync(Table(shelf, epoch).DeleteAsync(cancellation), cancellation);
        _tables.TryRemove((shelf, epoch), out _);
    }

    TableClient Table(string shelf, long epoch) => _tables.GetOrAdd(
        (shelf, epoch),
        static (at, self) => self._service.GetTableClient(TableName(self._prefix, at.Shelf) + at.Epoch.ToString(CultureInfo.InvariantCulture)), this);

    static TableEntity Entity(StoreKey key, ReadOnlyMemory<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, LargestValue, nameof(value));
        (string partition, string row) = Place(key);
        return new TableEntity(partition, row) { [Value] = value.ToArray() };
    }

    static (string Partition, string Row) Place(StoreKey key)
    {
        StorageNames.Check(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Name.Length, LargestName, nameof(key));
        return (Encode(key.Name[..Math.Min(2, key.Name.Length)]), Encode(key.Name));
    }

    /// <summary>
    /// Names of tables have letters and digits only, and no case: z escapes, zx ends a part, zy is a hyphen, zz is z. Two nodes' or shelves' tables never
    /// have one name.
    /// </summary>
    static string TableName(string prefix, string shelf)
    {
        StringBuilder name = new("f");
        foreach (string part in (string[])[prefix, shelf])
        {
            foreach (char c in part)
            {
                name.Append(c switch { '-' => "zy", 'z' => "zz", _ => c.ToString() });
            }
            name.Append("zx");
        }
        // 63 characters less the digits of an epoch.
        return name.Length <= 52 ? name.ToString() : throw new ArgumentException("Prefix and shelf are too long for a table's name.", nameof(prefix));
    }

    /// <summary>Keys of entities have no slashes, question marks, hash signs and control characters: what is not a letter, a digit or one of "-._" is written in hex.</summary>
    static string Encode(string name)
    {
        if (name.All(IsPlain))
        {
            return name;
        }
        StringBuilder encoded = new();
        foreach (char c in name)
        {
            _ = IsPlain(c) ? encoded.Append(c) : encoded.Append(CultureInfo.InvariantCulture, $"~{(int)c:x4}");
        }
        return encoded.ToString();
    }

    static string Decode(string encoded)
    {
        if (!encoded.Contains('~', StringComparison.Ordinal))
        {
            return encoded;
        }
        StringBuilder name = new();
        for (int at = 0; at < encoded.Length; at++)
        {
            if (encoded[at] == '~' && encoded.Length - at > 4
                && ushort.TryParse(encoded.AsSpan(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort c))
            {
                name.Append((char)c);
                at += 4;
            }
            else
            {
                name.Append(encoded[at]);
            }
        }
        return name.ToString();
    }

    static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_';
}
