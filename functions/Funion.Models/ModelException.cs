namespace Funion.Models;

/// <summary>A file is not a model that can be served, in one sentence.</summary>
public sealed class ModelException(string message, Exception? inner = null) : Exception(message, inner);
