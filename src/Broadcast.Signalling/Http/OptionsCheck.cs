using System.ComponentModel.DataAnnotations;

namespace Broadcast.Signalling.Http;

/// <summary>Checks options against their annotations at start.</summary>
public static class OptionsCheck
{
    /// <summary>Throws with the section, the key and the rule when a value is out of range.</summary>
    /// <exception cref="InvalidDataException">A value breaks its rule.</exception>
    public static void Validate(object options, string section)
    {
        var results = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true))
            throw new InvalidDataException($"{section}: {string.Join(" ", results.Select(result => result.ErrorMessage))}");
    }
}
